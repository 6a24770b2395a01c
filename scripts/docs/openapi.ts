import { toJsonSchema } from '@valibot/to-json-schema';
import * as v from 'valibot';
import PACKAGE from '../../package.json' with { type: 'json' };
import {
  ADMIN_API,
  ADMIN_PREFIX,
  type AdminRoute,
  type Caller,
  COMMON_PROBLEMS,
  membersOf,
  PROBLEMS,
  type ProblemCode,
  PUBLIC_API,
  type PublicRoute,
} from '../../src/issuer-api/index.ts';

type JsonSchema = Readonly<Record<string, unknown>>;

const PROBLEM = { $ref: '#/components/schemas/Problem' };

/** Returns the OpenAPI 3.1 description of every route of the issuer. */
export function renderOpenApi(): string {
  const paths: Record<string, Record<string, unknown>> = {};
  const add = (path: string, method: string, operation: object): void => {
    paths[path] = { ...paths[path], [method.toLowerCase()]: operation };
  };
  for (const [tag, routes] of Object.entries(PUBLIC_API)) {
    for (const [name, route] of Object.entries<PublicRoute>(routes)) {
      add(templateOf(route.path), route.method, publicOperation(tag, name, route));
    }
  }
  for (const [tag, routes] of Object.entries(ADMIN_API)) {
    for (const [name, route] of Object.entries<AdminRoute>(routes)) {
      add(
        templateOf(`${ADMIN_PREFIX}${route.path}`),
        route.method,
        adminOperation(tag, name, route),
      );
    }
  }
  const document = {
    openapi: '3.1.0',
    info: {
      title: 'Hewn issuer',
      version: PACKAGE.version,
      description: 'Mints capability tokens for agents, and stops them.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: 'http://127.0.0.1:8788', description: 'npm start' }],
    paths,
    components: {
      schemas: {
        Problem: {
          type: 'object',
          properties: { error: { type: 'string' }, message: { type: 'string' } },
          required: ['error', 'message'],
        },
      },
      securitySchemes: SECURITY_SCHEMES,
    },
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

const bearer = (description: string) => ({ type: 'http', scheme: 'bearer', description });

const SECURITY_SCHEMES = {
  operator: bearer('The operator credential'),
  verifier: bearer('A credential of VERIFIER_CREDENTIALS'),
  receiver: bearer('The credential of a stream of security events'),
  capability: { type: 'http', scheme: 'DPoP', description: 'A capability, with its proof' },
  unboundCapability: bearer('A capability that is bound to no key'),
};

/** Any of these is enough; a route for anyone has none. */
const SECURITY: Readonly<Record<Caller, readonly (keyof typeof SECURITY_SCHEMES)[]>> = {
  anyone: [],
  operator_or_verifier: ['operator', 'verifier'],
  verifier: ['verifier'],
  capability: ['capability', 'unboundCapability'],
  receiver: ['receiver'],
};

const securityOf = (schemes: readonly string[]) => schemes.map((scheme) => ({ [scheme]: [] }));

const templateOf = (path: string): string => path.replace(/:(\w+)\+?/g, '{$1}');

/** Path parameters that a contract does not describe are text. */
const pathParameters = (path: string, known: AdminRoute['params'] = {}) =>
  [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: known[name] ? inputSchema(known[name].schema) : { type: 'string' },
  }));

const queryParameters = (query: v.GenericSchema | undefined) =>
  [...(query ? membersOf(query) : [])].map(([name, { schema, isOptional }]) => ({
    name,
    in: 'query',
    required: !isOptional,
    schema: inputSchema(schema),
  }));

function publicOperation(tag: string, name: string, route: PublicRoute) {
  const { path, query, request, caller, summary, specification } = route;
  return {
    operationId: `${tag}_${name}`,
    tags: [tag],
    summary,
    ...(specification && { description: `See ${specification}.` }),
    parameters: [...pathParameters(path), ...queryParameters(query)],
    ...(request && {
      requestBody: {
        required: true,
        content: { [request.contentType]: { schema: inputSchema(request.schema) } },
      },
    }),
    responses: Object.fromEntries(
      Object.entries(route.answers).map(([status, { description, contentType, schema }]) => [
        status,
        {
          description,
          ...(contentType && {
            content: { [contentType]: schema ? { schema: outputSchema(schema) } : {} },
          }),
        },
      ]),
    ),
    security: securityOf(SECURITY[caller]),
  };
}

function adminOperation(tag: string, name: string, route: AdminRoute) {
  const { path, params, query, body, status = 200, answer, summary, description } = route;
  return {
    operationId: name,
    tags: [tag],
    summary,
    ...(description && { description }),
    parameters: [...pathParameters(path, params), ...queryParameters(query)],
    ...(body && {
      requestBody: {
        required: true,
        content: { 'application/json': { schema: inputSchema(body) } },
      },
    }),
    responses: {
      [status]: {
        description: status === 204 ? 'Done' : 'The answer',
        ...(answer && { content: { 'application/json': { schema: outputSchema(answer) } } }),
      },
      ...problemResponses(route),
    },
    security: securityOf(['operator']),
  };
}

/** Problems of one status share a response, whose description names each code. */
function problemResponses({ body, problems }: AdminRoute) {
  const { always, withBody } = COMMON_PROBLEMS;
  const codes: readonly ProblemCode[] = [...always, ...(body ? withBody : []), ...problems];
  const byStatus = Map.groupBy(codes, (code) => PROBLEMS[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, group]) => [
      String(status),
      {
        description: group.map((code) => `\`${code}\`: ${PROBLEMS[code].message}`).join(' '),
        content: { 'application/json': { schema: PROBLEM } },
      },
    ]),
  );
}

const inputSchema = (schema: v.GenericSchema): JsonSchema => convert(schema, 'input');
const outputSchema = (schema: v.GenericSchema): JsonSchema => convert(schema, 'output');

function convert(schema: v.GenericSchema, typeMode: 'input' | 'output'): JsonSchema {
  const { $schema: _, ...converted } = toJsonSchema(schema, {
    typeMode,
    // Checks in code have no counterpart; each has a description.
    errorMode: 'ignore',
    overrideSchema: ({ valibotSchema, jsonSchema }) => {
      // The input of a pipe ends at its first transformation, and the description is behind it.
      const description = v.getDescription(valibotSchema as never);
      const type = valibotSchema.type === 'custom' ? { type: 'object' as const } : {};
      return { ...jsonSchema, ...type, ...(description !== undefined && { description }) };
    },
  });
  return converted;
}
