import { type Catalogue, type CatalogueTool, datasetRoots, tools } from '../catalogue/index.ts';
import type { Principal } from '../policy/index.ts';
import { reasonOfOrigins, requiredOrigins } from './origins.ts';
import { reasonOfTool } from './reasons.ts';

/** What a catalogue does not say. */
export interface PolicyDraftOptions {
  /** The agent, as the policy names it. */
  readonly agent: Principal;
  /** The identity issuer of the people on whose behalf the agent works. */
  readonly userIssuer: string;
  /** The accountable team. */
  readonly owner: string;
  readonly lifetimeSeconds: number;
}

/** One statement of the draft. */
export interface DraftedStatement {
  /** Full sentences, for the person who reviews the draft. */
  readonly why: string;
  /** Datalog, with its semicolon. */
  readonly text: string;
  /** The tool of the catalogue that it is about. Absent: it is about every tool. */
  readonly tool?: string;
}

/**
 * Returns the policy that a catalogue suggests: reads are free on the datasets of their tools, the
 * value of each sink of a change has an origin that the sink takes, and a person is asked about
 * deletions, commands and whatever a workflow asks for after it has begun.
 */
export function draftPolicy(
  catalogue: Catalogue,
  { agent, userIssuer, owner, lifetimeSeconds }: PolicyDraftOptions,
): readonly DraftedStatement[] {
  const all = tools(catalogue);
  const reads = all.filter(({ action }) => action === 'read');
  const changes = all.filter(({ action }) => action !== 'read');
  return [
    { why: 'This team answers for what the agent does.', text: `owner(${quote(owner)});` },
    {
      why: 'A capability lives this many seconds. The agent renews it while its workflow lives.',
      text: `max_lifetime(${lifetimeSeconds});`,
    },
    {
      why: 'The agent acts for a person, never on its own account.',
      text: `drafted_agent($user) <-\n  workload(${quote(agent.issuerName)}, ${quote(agent.subject)}),\n  user(${quote(userIssuer)}, $user);`,
    },
    ...reads.flatMap(placesOf),
    ...(reads.length === 0 ? [] : [READS]),
    ...changes.flatMap(placesOf),
    ...(changes.length === 0 ? [] : [CHANGES]),
    ...all.flatMap((tool) => originsOf(catalogue, tool)),
    ...(all.some(({ sinks }) => sinks.length > 0) ? [NAMED_AT_BEGIN] : []),
    ...asking(all),
  ];
}

/** Datalog reads a string as JSON writes it. */
const quote = (text: string): string => JSON.stringify(text);

const READS: DraftedStatement = {
  why: 'Reads are free within the datasets of their tools. What an agent has read reaches no one until it changes or sends something.',
  text: 'allow if\n  drafted_agent($user),\n  tool($tool), action("read"),\n  may_read($tool, $dataset), under($dataset);',
};

const CHANGES: DraftedStatement = {
  why: 'A change is allowed within the datasets of its tool, and only if each of its sinks is bounded. A call has no other arguments than the catalogue lists.',
  text: 'allow if\n  drafted_agent($user),\n  tool($tool), action($action),\n  may_change($tool, $action, $dataset), under($dataset);',
};

const NAMED_AT_BEGIN: DraftedStatement = {
  why: 'A workflow may pin a sink to values when it begins, because it has read nothing yet that could have named them. A person is asked about later values, as below. Without this line, no pin of a request counts.',
  text: 'open_sink($sink, "the workflow named these values when it began") <-\n  bounded_by($sink, "request");',
};

/** Returns the statements that ask a person, as far as the catalogue has tools for them. */
function asking(all: readonly CatalogueTool[]): readonly DraftedStatement[] {
  const has = (action: CatalogueTool['action']) => all.some((tool) => tool.action === action);
  const statements: DraftedStatement[] = [];
  if (has('delete')) {
    statements.push({
      why: 'A person is asked before anything is deleted.',
      text: 'approval(true) <- action("delete");',
    });
  }
  if (has('execute')) {
    statements.push({
      why: 'A person is asked before a command runs: no sink bounds what it does.',
      text: 'approval(true) <- action("execute");',
    });
  }
  if (all.some(({ action }) => action !== 'read')) {
    statements.push({
      why: 'What a workflow asks for later may be the wish of an attacker whose text it has read. A person is shown the tool and the values that are new.',
      text: 'approval(true) <- step_up(true), action($action), $action != "read";',
    });
  }
  if (all.some(({ secret }) => secret)) {
    statements.push({
      why: 'Secrets are no free reads: a workflow that did not ask for them when it began has to ask a person.',
      text: 'approval(true) <- step_up(true), secret(true);',
    });
  }
  return statements;
}

/** Returns where the values of the sinks of a tool must come from, unless something bounds them. */
function originsOf(catalogue: Catalogue, tool: CatalogueTool): readonly DraftedStatement[] {
  return tool.sinks.flatMap((sink) => {
    const required = requiredOrigins(tool, sink);
    if (!required) return [];
    const { pointer, constraint } = required;
    return {
      tool: tool.name,
      why: reasonOfOrigins(catalogue, tool, sink),
      text: [
        `require_constraint(${quote(pointer)},\n  ${JSON.stringify(constraint)}) <-`,
        `  tool(${quote(tool.name)}), bounded_by(${quote(sink)}, "nothing");`,
      ].join('\n'),
    };
  });
}

/** Returns where one tool may be used: everywhere that the catalogue says it can reach. */
function placesOf(tool: CatalogueTool): readonly DraftedStatement[] {
  const { name, action } = tool;
  return datasetRoots(tool).map((root) => ({
    tool: name,
    why: reasonOfTool(tool, root),
    text:
      action === 'read'
        ? `may_read(${quote(name)}, ${quote(root)});`
        : `may_change(${quote(name)}, ${quote(action)}, ${quote(root)});`,
  }));
}
