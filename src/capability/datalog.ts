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
 * Datalog as data: a text that is written here and never holds a value, and the values beside it.
 * A value goes in as a parameter, so a tool named `x"); allow if true; //` is just a strange name.
 */

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

export interface Datalog {
  readonly source: string;
  readonly parameters: Readonly<Record<string, Parameter>>;
}

/** Collects statements; every value that is handed in becomes `{p0}`, `{p1}`, … in the text. */
export class DatalogWriter {
  #source = '';
  #parameters: Record<string, Parameter> = {};
  #count = 0;

  /** Used as a template tag: the literal parts are ours, the interpolated ones are parameters. */
  add(parts: TemplateStringsArray, ...values: readonly Parameter[]): this {
    this.#source += parts[0] ?? '';
    values.forEach((value, index) => {
      this.#source += this.parameter(value) + (parts[index + 1] ?? '');
    });
    this.#source += ';\n';
    return this;
  }

  /** A statement of repeated shape, put together from texts that `parameter` gave. */
  addText(statement: string): this {
    this.#source += `${statement};\n`;
    return this;
  }

  parameter(value: Parameter): string {
    if (value === null) return 'null'; // The reference takes no null as a parameter.
    const name = `p${this.#count++}`;
    this.#parameters[name] = value;
    return `{${name}}`;
  }

  done(): Datalog {
    return { source: this.#source, parameters: this.#parameters };
  }
}

/** The statements as our engine holds them. The text is ours, so a failure to parse it is a bug. */
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
