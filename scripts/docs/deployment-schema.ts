import { toJsonSchema } from '@valibot/to-json-schema';
import {
  AUDIT_SETTINGS,
  DEPLOYMENT_SETTINGS,
  DEV_SETTINGS,
  DRILL_SETTINGS,
  environmentName,
  GATEWAY_SETTINGS,
  gatewayName,
  ISSUER_SETTINGS,
  NOTIFY_SETTINGS,
  OPERATOR_SETTINGS,
  PROFILE_SETTINGS,
  PROTECTED_KEYS,
  PROVIDER_KIND_DEFAULT,
  PROVIDER_SCHEMAS,
  profileName,
  providerName,
  SERVE_SETTINGS,
  type Settings,
  UPSTREAM_SETTINGS,
} from '../../src/deployment/index.ts';
import { targetName } from '../../src/notices/index.ts';
import { serverName, upstreamUrl } from '../../src/upstream/index.ts';

type JsonSchema = Readonly<Record<string, unknown>>;

/** Checks that JSON Schema cannot state are left out: the command `hewn check` has all of them. */
const convert = (schema: Parameters<typeof toJsonSchema>[0]): JsonSchema => {
  const { $schema: _, ...rest } = toJsonSchema(schema, { errorMode: 'ignore', typeMode: 'input' });
  return rest as JsonSchema;
};

const closed = (properties: JsonSchema, required: readonly string[] = []): JsonSchema => ({
  type: 'object',
  properties,
  additionalProperties: false,
  ...(required.length > 0 && { required }),
});

const named = (pattern: RegExp, schema: JsonSchema, description: string): JsonSchema => ({
  type: 'object',
  description,
  patternProperties: { [pattern.source]: schema },
  additionalProperties: false,
});

function propertiesOf(settings: Settings): JsonSchema {
  return Object.fromEntries(
    Object.entries(settings).map(([name, { schema, purpose, absent }]) => {
      const description = absent === undefined ? purpose : `${purpose} Without it: ${absent}.`;
      return [name, { ...convert(schema), description }];
    }),
  );
}

/** An entry in the file has its name in the header of its table. */
function providerSchema(kind: string): JsonSchema {
  const { properties, required, ...rest } = convert(
    PROVIDER_SCHEMAS[kind] as Parameters<typeof toJsonSchema>[0],
  );
  const { name: _, ...members } = properties as JsonSchema;
  const isDefault = kind === PROVIDER_KIND_DEFAULT;
  const names = (required as readonly string[]).filter((name) => name !== 'name');
  return {
    ...rest,
    title: kind,
    properties: { ...members, kind: { const: kind } },
    required: [...new Set([...names, ...(isDefault ? [] : ['kind'])])],
  };
}

/** Renders the JSON Schema of `hewn.toml` for editors. */
export function renderDeploymentSchema(): string {
  const gateway = closed({
    ...propertiesOf(GATEWAY_SETTINGS),
    upstreams: named(
      serverName,
      { anyOf: [convert(upstreamUrl), closed(propertiesOf(UPSTREAM_SETTINGS), ['url'])] },
      GATEWAY_SETTINGS.upstreams.purpose,
    ),
  });
  const extra: JsonSchema = {
    type: 'object',
    propertyNames: { not: { enum: Object.keys(PROTECTED_KEYS) } },
  };
  const sections: JsonSchema = {
    issuer: { ...closed(propertiesOf(ISSUER_SETTINGS)), description: 'The issuer.' },
    providers: named(
      providerName,
      { anyOf: Object.keys(PROVIDER_SCHEMAS).map(providerSchema) },
      'Whose tokens prove agents and users, by name.',
    ),
    gateways: named(gatewayName, gateway, 'MCP gateways, by name.'),
    audit: {
      ...closed(propertiesOf(AUDIT_SETTINGS)),
      description: 'The logs: their archive, how long they keep records, and who attests to them.',
    },
    notify: named(
      targetName,
      closed(propertiesOf(NOTIFY_SETTINGS), ['kind']),
      'Where notifications are sent, by name.',
    ),
    drill: {
      ...closed(propertiesOf(DRILL_SETTINGS)),
      description: 'The scheduled drill, which rehearses a stop.',
    },
    operators: {
      ...closed(propertiesOf(OPERATOR_SETTINGS)),
      description: 'Where operators sign in, and which roles they have.',
    },
    serve: {
      ...closed(propertiesOf(SERVE_SETTINGS)),
      description: 'How `hewn serve` runs the Workers on a machine of your own.',
    },
    wrangler: {
      ...closed({ issuer: extra, gateway: extra }),
      description: 'Keys that are merged last into the generated wrangler files.',
    },
  };
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'hewn.toml',
    description: 'A deployment of Hewn. `hewn check` also checks what a schema cannot.',
    ...closed(
      {
        ...propertiesOf(DEPLOYMENT_SETTINGS),
        ...sections,
        environments: named(
          environmentName,
          closed(sections),
          'Environments by name. What one states replaces what stands outside.',
        ),
        dev: {
          ...closed(propertiesOf(DEV_SETTINGS)),
          description: 'What `hewn dev` does with the deployment. Nothing of it is deployed.',
        },
        profiles: named(
          profileName,
          closed(propertiesOf(PROFILE_SETTINGS), ['task', 'grants']),
          'What `hewn run` and `hewn bridge` obtain for an agent, by name. Nothing of it is deployed.',
        ),
      },
      ['name'],
    ),
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}
