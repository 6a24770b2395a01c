import { describe, expect, test } from 'vitest';
import { agentEnvironment } from '../../../src/run/environment.ts';

describe('the environment of an agent', () => {
  test('has no credential of Hewn, of the platform or of an identity source', () => {
    const own = {
      PATH: '/bin',
      ANTHROPIC_API_KEY: 'for the model',
      HEWN_OPERATOR: 'secret',
      HEWN_ISSUER: 'https://issuer.example',
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'secret',
      ACTIONS_ID_TOKEN_REQUEST_URL: 'https://token.example',
      SPIFFE_ENDPOINT_SOCKET: 'unix:///agent.sock',
      AZURE_FEDERATED_TOKEN_FILE: '/token',
      MY_TOKEN: 'secret',
      UNSET: undefined,
    };
    expect(agentEnvironment(own, ['MY_TOKEN'], { HEWN_MCP_CONFIG: '/mcp.json' })).toEqual({
      PATH: '/bin',
      ANTHROPIC_API_KEY: 'for the model',
      HEWN_MCP_CONFIG: '/mcp.json',
    });
  });
});
