import type { Grant } from '../../src/capability/index.ts';
import type { ServerName } from './servers.ts';

/** The dataset that everything of these servers belongs to. */
const DATASET = 'conformance';

/** What a server offers: its tools with their arguments, its prompts, and its resources. */
interface Offer {
  readonly tools: Readonly<Record<string, readonly string[]>>;
  readonly prompts: Readonly<Record<string, readonly string[]>>;
  /** URI templates. */
  readonly resources: Readonly<Record<string, string>>;
}

const none = (...names: readonly string[]) => Object.fromEntries(names.map((name) => [name, []]));

/**
 * Tools that the suites call at a server that lacks them. The server has to say so, and not the
 * gateway.
 */
const MISSING: Offer['tools'] = {
  ...none('failing_job', 'protocol_error_job', 'multi_input', 'test_tool_with_task'),
  slow_compute: ['seconds', 'label'],
  greet: ['name'],
  confirm_delete: ['filename'],
};

/** What both servers of the MCP project offer. */
const CONFORMANCE: Offer = {
  tools: {
    ...MISSING,
    ...none(
      'test_simple_text',
      'test_image_content',
      'test_audio_content',
      'test_embedded_resource',
      'test_multiple_content_types',
      'test_tool_with_logging',
      'test_tool_with_progress',
      'test_error_handling',
      'test_reconnection',
      'test_elicitation_sep1034_defaults',
      'test_elicitation_sep1330_enums',
      'test_missing_capability',
      'test_streaming_elicitation',
      'test_logging_tool',
      'test_input_required_result_elicitation',
      'test_input_required_result_sampling',
      'test_input_required_result_list_roots',
      'test_input_required_result_request_state',
      'test_input_required_result_multiple_inputs',
      'test_input_required_result_multi_round',
      'test_input_required_result_tampered_state',
      'test_input_required_result_capabilities',
      'test_trigger_tool_change',
      'test_trigger_prompt_change',
    ),
    test_sampling: ['prompt'],
    test_elicitation: ['message'],
    test_x_mcp_header: ['region', 'level'],
    json_schema_2020_12_tool: ['name', 'address', 'contactMethod', 'phone', 'email'],
  },
  prompts: {
    ...none('test_simple_prompt', 'test_prompt_with_image', 'test_input_required_result_prompt'),
    test_prompt_with_arguments: ['arg1', 'arg2'],
    test_prompt_with_embedded_resource: ['resourceUri'],
  },
  resources: {
    page: 'test://{name}',
    record: 'test://template/{id}/data',
  },
};

const OFFERS: Readonly<Record<ServerName, Offer>> = {
  reference: CONFORMANCE,
  sdk: CONFORMANCE,
  everything: {
    tools: {
      ...CONFORMANCE.tools,
      ...none('get-env', 'get-tiny-image', 'toggle-simulated-logging', 'toggle-subscriber-updates'),
      echo: ['message'],
      'get-annotated-message': ['messageType', 'includeImage'],
      'get-resource-links': ['count'],
      'get-resource-reference': ['resourceType', 'resourceId'],
      'get-structured-content': ['location'],
      'get-sum': ['a', 'b'],
      'gzip-file-as-resource': ['name', 'data', 'outputType'],
      'trigger-long-running-operation': ['duration', 'steps'],
      'simulate-research-query': ['topic', 'ambiguous'],
    },
    prompts: {
      ...none('simple-prompt'),
      'args-prompt': ['city', 'state'],
      'completable-prompt': ['department', 'name'],
      'resource-prompt': ['resourceType', 'resourceId'],
    },
    resources: {
      ...CONFORMANCE.resources,
      document: 'demo://resource/static/document/{name}',
      text: 'demo://resource/dynamic/text/{resourceId}',
      blob: 'demo://resource/dynamic/blob/{resourceId}',
    },
  },
};

/** Of tools whose schema has `x-mcp-header`. */
const PARAMETER_HEADERS: Readonly<Record<string, string>> = {
  test_x_mcp_header: 'parameterHeaders = { Region = "/region", Level = "/level" }',
};

interface Entry {
  readonly name: string;
  readonly lines: readonly string[];
}

const entriesOf = (server: ServerName): readonly Entry[] => {
  const { tools, prompts, resources } = OFFERS[server];
  const entry = (name: string, args: readonly string[], ...more: readonly string[]): Entry => ({
    name: `mcp/${server}/${name}`,
    lines: [`arguments = ${JSON.stringify(args)}`, ...more],
  });
  return [
    ...Object.entries(tools).map(([name, args]) =>
      entry(name, args, ...(PARAMETER_HEADERS[name] ? [PARAMETER_HEADERS[name]] : [])),
    ),
    ...Object.entries(prompts).map(([name, args]) =>
      entry(`prompts/${name}`, args, `prompt = ${JSON.stringify(name)}`),
    ),
    ...Object.entries(resources).map(([name, template]) =>
      entry(
        `resources/${name}`,
        [...template.matchAll(/\{(\w+)\}/g)].map(([, variable = '']) => variable),
        `resource = ${JSON.stringify(template)}`,
      ),
    ),
  ];
};

/** Returns the catalogue of all servers. */
export const catalogueText = (servers: readonly ServerName[]): string =>
  servers
    .flatMap(entriesOf)
    .map(({ name, lines }) =>
      [
        '[[tool]]',
        `name = ${JSON.stringify(name)}`,
        'action = "read"',
        'tier = 1',
        `datasets = [{ fixed = "${DATASET}" }]`,
        ...lines,
        '',
      ].join('\n'),
    )
    .join('\n');

/** Grants everything of one server. */
export const grantsOf = (server: ServerName): readonly Grant[] =>
  entriesOf(server).map(({ name }) => ({ tool: name, action: 'read', dataset: DATASET }));

/** Every requested grant is given: the protocol is tested, not the policy. */
export const POLICY = `owner("team:conformance");
max_lifetime(900);
allow if user("local-idp", $user), under("${DATASET}");
`;
