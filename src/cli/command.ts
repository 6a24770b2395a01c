import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { ok, type Result, refuse } from '../result.ts';

/** Where a command runs: everything of the process that it may touch. */
export interface Surroundings {
  readonly cwd: string;
  /** The folder that holds `.hewn`. */
  readonly home: string;
  readonly now: () => Date;
  /** Both take a line, or several. */
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly outIsTerminal: boolean;
  readonly stdin: () => Promise<string>;
  readonly fetch: typeof fetch;
  /** A variable of the environment: `HEWN_ISSUER`, `HEWN_OPERATOR`. */
  readonly variable: (name: string) => string | undefined;
}

/** 0: yes, done. 1: no, or a case failed. A text: why it could not be done, with exit code 2. */
export type Answer = Result<0 | 1, string>;

export const YES: Answer = ok(0);
export const NO: Answer = ok(1);

export interface Command {
  /** `policy test`: the words that call it. */
  readonly name: string;
  readonly summary: string;
  readonly help: string;
  readonly run: (args: readonly string[], at: Surroundings) => Promise<Answer>;
}

/** A flag that takes a word, and one that takes none. */
export const TEXT = { type: 'string' } as const;
export const SWITCH = { type: 'boolean' } as const;

/** Flags and the rest, or what is wrong with them. */
export function readFlags<T extends ParseArgsOptionsConfig>(args: readonly string[], options: T) {
  try {
    const config = { args: [...args], options, allowPositionals: true, strict: true } as const;
    return ok(parseArgs<typeof config>(config));
  } catch (error) {
    return refuse((error as Error).message);
  }
}

export const showJson = (value: unknown): string => JSON.stringify(value, null, 2);
