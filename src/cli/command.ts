import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { nearest } from '../deployment/index.ts';
import { type AdminRoute, timestamped } from '../issuer-api/index.ts';
import { ok, type Result, refuse } from '../result.ts';
import type { Screen } from './terminal/index.ts';

/** Everything of the process that a command may touch. */
export interface CommandContext extends Screen {
  readonly cwd: string;
  /** The folder that holds `.hewn`. */
  readonly home: string;
  readonly now: () => Date;
  /** Waits; by default by the clock of the machine. */
  readonly sleep?: (milliseconds: number) => Promise<unknown>;
  /** Each call writes one line, or several. */
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Aborted when the reader of the output has gone, as with `| head`. */
  readonly outClosed?: AbortSignal;
  /** Says on the terminal how far long work is. Absent: standard error is no terminal. */
  readonly progress?: (text: string) => void;
  readonly stdin: () => Promise<string>;
  /** Asks the person at the terminal; anything but yes is no. Absent: there is no terminal. */
  readonly confirm?: (question: string) => Promise<boolean>;
  /** Opens a URL in the browser of the person. Returns whether a browser was started. */
  readonly openBrowser?: (url: string) => Promise<boolean>;
  readonly fetch: typeof fetch;
  /** Returns an environment variable, such as `HEWN_ISSUER` or `HEWN_OPERATOR`. */
  readonly variable: (name: string) => string | undefined;
  /** Takes credentials out of what others see of this process: see `hideCredentials`. */
  readonly hideCredentials?: (sources: readonly string[]) => boolean;
}

/**
 * 0: yes, or done. 1: no, or a case failed. A command that runs another program returns the exit
 * code of that program. 3: the order waits for a second person. A text says why the
 * command failed: exit code 2.
 */
export type Answer = Result<number, string>;

export const YES: Answer = ok(0);
export const NO: Answer = ok(1);

export interface Flag {
  /** `text` takes a value, `list` may be given several times, `switch` takes none. */
  readonly kind: 'text' | 'list' | 'switch';
  /** What the help calls the value, such as `SECONDS`. */
  readonly value?: string;
  readonly required?: true;
  /** The values that it takes, if they are a closed set. Anything else is refused. */
  readonly choices?: readonly string[];
  /** One sentence without a capital and a full stop. */
  readonly description: string;
}

export type Flags = Readonly<Record<string, Flag>>;

type TextOf<F extends Flag> = F extends { readonly choices: readonly (infer Choice)[] }
  ? Choice
  : string;

type FlagValue<F extends Flag> = F extends { readonly kind: 'switch' }
  ? boolean
  : F extends { readonly kind: 'list' }
    ? readonly TextOf<F>[]
    : F extends { readonly required: true }
      ? TextOf<F>
      : TextOf<F> | undefined;

export type FlagValues<F extends Flags> = { readonly [Name in keyof F]: FlagValue<F[Name]> };

export interface CommandInput<F extends Flags> {
  readonly flags: FlagValues<F>;
  /** The arguments that are not flags. */
  readonly operands: readonly string[];
}

/** A command as data: its help, its page of the documentation and its parser come from here. */
export interface CommandSpec<F extends Flags> {
  /** The words that call it, such as `policy test`. */
  readonly name: string;
  /** One line for the list of commands: an imperative without a full stop. */
  readonly summary: string;
  /** The arguments it takes besides flags, such as `SCOPE [VALUE]`. Absent: none. */
  readonly operands?: string;
  /** What the first argument can be, if it is a word of a closed set. */
  readonly operandChoices?: readonly string[];
  /** Paragraphs, separated by an empty line. Lines that begin with two spaces are not wrapped. */
  readonly description: string;
  readonly flags: F;
  readonly examples: readonly string[];
  /** What the exit codes mean, where they mean more than done (0) and not done (2). */
  readonly exitCodes?: Readonly<Partial<Record<0 | 1 | 2 | 3, string>>>;
  readonly run: (input: CommandInput<F>, context: CommandContext) => Promise<Answer>;
}

export interface Command extends Omit<CommandSpec<Flags>, 'run'> {
  readonly run: (args: readonly string[], context: CommandContext) => Promise<Answer>;
}

/** Adds to a command the reading of its flags, so that none reads its own. */
export const defineCommand = <const F extends Flags>(spec: CommandSpec<F>): Command => ({
  ...spec,
  run: async (args, context) => {
    const input = readInput(args, spec);
    return input.ok ? spec.run(input.value, context) : input;
  },
});

/** Reads the arguments of a command. A text says which of them is wrong. */
export function readInput<F extends Flags>(
  args: readonly string[],
  { flags, operands }: Pick<CommandSpec<F>, 'flags' | 'operands'>,
): Result<CommandInput<F>, string> {
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, flag]) => [name, option(flag)]),
  );
  let parsed: { values: Record<string, unknown>; positionals: string[] };
  try {
    const config = { args: [...args], options, allowPositionals: true, strict: true } as const;
    parsed = parseArgs<typeof config>(config) as typeof parsed;
  } catch (error) {
    return refuse(`${describeArgs(error as Error, Object.keys(flags))} See --help`);
  }
  const [unexpected] = operands === undefined ? parsed.positionals : [];
  if (unexpected !== undefined) {
    return refuse(describeUnexpected(unexpected));
  }
  const values: Record<string, unknown> = {};
  for (const [name, flag] of Object.entries(flags)) {
    const value = parsed.values[name] ?? EMPTY[flag.kind];
    if (flag.required && !value)
      return refuse(`${flagText(name, flag)} is required: ${flag.description}`);
    for (const text of flag.choices === undefined ? [] : [value].flat()) {
      if (text === undefined) continue;
      const choice = readChoice(`--${name}`, String(text), flag.choices ?? []);
      if (!choice.ok) return choice;
    }
    values[name] = value;
  }
  return ok({ flags: values as FlagValues<F>, operands: parsed.positionals });
}

const describeUnexpected = (operand: string): string =>
  `unexpected argument ${JSON.stringify(operand)}. See --help`;

/** Reads the operands of a command that takes one folder, by default the current one. */
export const readFolderOperand = ([folder = '.', unexpected]: readonly string[]): Result<
  string,
  string
> => (unexpected === undefined ? ok(folder) : refuse(describeUnexpected(unexpected)));

/** Node's messages speak of positional arguments, or of a `<value>`, instead of the mistake. */
function describeArgs(error: Error, flags: readonly string[]): string {
  const [, unknown] = /^Unknown option '--([^']+)'/.exec(error.message) ?? [];
  if (unknown === undefined) {
    const [, flag] = /^Option '(--[\w-]+) <value>' argument missing/.exec(error.message) ?? [];
    return flag === undefined ? error.message.replace(/\.?$/, '.') : `${flag} needs a value.`;
  }
  const close = nearest(unknown, [...flags, 'help', 'version']);
  return `unknown option --${unknown}.${close === undefined ? '' : ` Did you mean --${close}?`}`;
}

/** Reads a word of a closed set. `name` says which argument or flag it is, such as `--state`. */
export function readChoice<Choice extends string>(
  name: string,
  text: string,
  choices: readonly Choice[],
): Result<Choice, string> {
  const choice = choices.find((one) => one === text);
  if (choice !== undefined) return ok(choice);
  const close = nearest(text, choices);
  const got = text === '' ? '' : ` (got ${JSON.stringify(text)})`;
  const hint = close === undefined ? '' : ` Did you mean ${close}?`;
  return refuse(`${name} must be one of ${choices.join(', ')}${got}.${hint}`);
}

const EMPTY = { text: undefined, list: [], switch: false } as const;

const option = ({ kind }: Flag): ParseArgsOptionsConfig[string] =>
  kind === 'switch' ? { type: 'boolean' } : { type: 'string', multiple: kind === 'list' };

/** `--wait SECONDS`, or `--json`. */
export const flagText = (name: string, { value }: Flag): string =>
  value === undefined ? `--${name}` : `--${name} ${value}`;

export const showJson = (value: unknown): string => JSON.stringify(value, null, 2);

/**
 * Renders an answer of the admin API. The members are those of the route, and each time is RFC 3339
 * in UTC instead of a number of seconds.
 */
export const showAnswer = ({ answer: schema }: AdminRoute, answer: unknown): string =>
  showJson(schema === undefined ? answer : timestamped(schema, answer));
