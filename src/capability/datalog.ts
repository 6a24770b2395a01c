import {
  array,
  type Block,
  bool,
  bytes,
  date,
  integer,
  NULL,
  parseBlock,
  set,
  string,
  type Term,
} from '../biscuit/index.ts';

/**
 * Datalog as data: our own text, which never contains a value, with the values kept separately.
 * Values are parameters, so a tool named `x"); allow if true; //` is just a strange name.
 */

/** A value of a parameter. */
export type Parameter =
  | string
  | number
  | bigint
  | boolean
  | null
  | Date
  | Uint8Array
  | ReadonlySet<string>
  | readonly (string | bigint)[];

/** Datalog statements, with a value for each `{name}` in their text. */
export interface Datalog {
  readonly source: string;
  readonly parameters: Readonly<Record<string, Parameter>>;
}

/** Collects statements. Each value becomes a parameter `{p0}`, `{p1}`, … of the text. */
export class DatalogWriter {
  #source = '';
  #parameters: Record<string, Parameter> = {};
  #count = 0;

  /** A template tag: the literal parts are text, the interpolated values become parameters. */
  add(parts: TemplateStringsArray, ...values: readonly Parameter[]): this {
    this.#source += parts[0] ?? '';
    values.forEach((value, index) => {
      this.#source += this.parameter(value) + (parts[index + 1] ?? '');
    });
    this.#source += ';\n';
    return this;
  }

  /** Adds a statement built from literal text and the results of `parameter`. */
  addText(statement: string): this {
    this.#source += `${statement};\n`;
    return this;
  }

  /** Adds a value, and returns how the text refers to it. */
  parameter(value: Parameter): string {
    if (value === null) return 'null'; // The reference accepts no null as a parameter.
    const name = `p${this.#count++}`;
    this.#parameters[name] = value;
    return `{${name}}`;
  }

  /**
   * Returns the statements so far, with the values that they name. A parser refuses a value without
   * a use, and not every value gets one: beside "any number", no test for `0` is written.
   */
  done(): Datalog {
    const named = new Set(this.#source.match(/(?<=\{)p\d+(?=\})/g));
    const parameters = Object.entries(this.#parameters).filter(([name]) => named.has(name));
    return { source: this.#source, parameters: Object.fromEntries(parameters) };
  }
}

/**
 * Returns the statements as a block of `hewn/biscuit`. Throws an Error for a text that does not
 * parse: only code writes it, so that is a bug.
 */
export function toBlock({ source, parameters }: Datalog): Block {
  const terms = Object.entries(parameters).map(([name, value]) => [name, toTerm(value)] as const);
  const block = parseBlock(source, Object.fromEntries(terms));
  if (!block.ok) throw new Error(`${source}: ${JSON.stringify(block.error)}`);
  return block.value;
}

function toTerm(value: Parameter): Term {
  if (value === null) return NULL;
  if (value instanceof Date) return date(Math.floor(value.getTime() / 1000));
  if (value instanceof Uint8Array) return bytes(value);
  if (value instanceof Set) return set([...value].map(toTerm));
  if (Array.isArray(value)) return array(value.map(toTerm));
  if (typeof value === 'string') return string(value);
  return typeof value === 'boolean' ? bool(value) : integer(value as number | bigint);
}
