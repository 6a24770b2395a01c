import { expect, test } from 'vitest';
import {
  resourceMetadata,
  resourceMetadataUrl,
  withResourceMetadata,
} from '../../../src/verifier/index.ts';

test.each([
  ['https://api.example', 'https://api.example/.well-known/oauth-protected-resource'],
  ['https://api.example/', 'https://api.example/.well-known/oauth-protected-resource'],
  ['https://api.example/v1', 'https://api.example/.well-known/oauth-protected-resource/v1'],
  ['http://a.test:81/x/y', 'http://a.test:81/.well-known/oauth-protected-resource/x/y'],
])('puts the path of a resource after the well-known path: %s', (resource, url) => {
  expect(resourceMetadataUrl(resource)).toBe(url);
});

test('the document has exactly the given members', async () => {
  const described = { resource: 'https://a.example', authorizationServers: ['https://i.example'] };
  expect(await resourceMetadata(described).json()).toEqual({
    resource: 'https://a.example',
    authorization_servers: ['https://i.example'],
    bearer_methods_supported: ['header'],
    authorization_details_types_supported: ['hewn_task'],
    dpop_signing_alg_values_supported: ['ES256', 'EdDSA'],
  });
});

test('returns a response without a challenge unchanged', () => {
  const response = new Response('x', { status: 200 });
  expect(withResourceMetadata(response, 'https://a.example/m')).toBe(response);
});
