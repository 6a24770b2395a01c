/** Expressions as Datalog text, of a wanted type and sometimes of a wrong one. */
import type { Random } from './random.ts';
import { patternText, TYPES, type Type, termText } from './terms.ts';

/** Variables in scope, with the type of the column that binds them. */
export type Variables = ReadonlyMap<string, Type>;

/** Comparisons do not chain, so a boolean operand is always a literal or a variable. */
const COMPARED = TYPES.filter((type) => type !== 'bool') as [Type, ...Type[]];

/** How often an operand has a type that the operator does not accept. */
const WRONG_TYPE = 0.01;

let closures = 0;

/** Every closure parameter has a unique name, unless it should shadow another. */
const parameterName = (random: Random, variables: Variables): string => {
  const [taken] = variables.keys();
  return taken !== undefined && random.chance(0.02)
    ? taken
    : `p${closures++ % 7}_${variables.size}`;
};

const pickText = (random: Random, ...makers: readonly [() => string, ...(() => string)[]]) =>
  random.pick(makers)();

export class Expressions {
  readonly #random: Random;
  readonly #variables: Variables;

  constructor(random: Random, variables: Variables) {
    this.#random = random;
    this.#variables = variables;
  }

  /** Returns a literal, or a variable of the type if there is one. */
  leaf(type: Type): string {
    const wanted = this.#random.chance(WRONG_TYPE) ? this.#random.pick(TYPES) : type;
    const names = [...this.#variables].filter(([, of]) => of === wanted).map(([name]) => name);
    const [first, ...others] = names;
    if (first !== undefined && this.#random.chance(0.6)) {
      return `$${this.#random.pick([first, ...others])}`;
    }
    return termText(this.#random, wanted, 1);
  }

  /** Returns a leaf that a method can follow: the reference reads a date up to the next space. */
  receiver(type: Type): string {
    const text = this.leaf(type);
    return /^\d{4}-/.test(text) ? `(${text})` : text;
  }

  of(type: Type, depth: number): string {
    if (depth <= 0) return this.leaf(type);
    switch (type) {
      case 'bool':
        return this.bool(depth);
      case 'integer':
        return this.integer(depth);
      case 'string':
        return this.string(depth);
      case 'integers':
        return this.set(type, depth);
      case 'strings':
        return this.set(type, depth);
      default:
        return this.leaf(type);
    }
  }

  integer(depth: number): string {
    const random = this.#random;
    const operand = () => this.of('integer', depth - 1);
    return pickText(
      random,
      () => this.leaf('integer'),
      () => `${operand()} ${random.pick(['+', '-', '*', '/', '&', '|', '^'])} ${operand()}`,
      () => `(${operand()} ${random.pick(['+', '-', '*'])} ${operand()})`,
      () =>
        `${this.receiver(random.pick(['string', 'integers', 'array', 'map', 'bytes']))}.length()`,
      () => `(${operand()} / ${operand()}).try_or(${operand()})`,
    );
  }

  string(depth: number): string {
    return pickText(
      this.#random,
      () => this.leaf('string'),
      () => `${this.of('string', depth - 1)} + ${this.leaf('string')}`,
      () => `${this.receiver(this.#random.pick(TYPES))}.type()`,
    );
  }

  set(type: 'integers' | 'strings', depth: number): string {
    const method = this.#random.pick(['union', 'intersection']);
    return this.#random.chance(0.5)
      ? this.receiver(type)
      : `${this.receiver(type)}.${method}(${this.of(type, depth - 1)})`;
  }

  comparison(depth: number): string {
    const random = this.#random;
    const type = random.pick(COMPARED);
    const ordered = random.pick(['integer', 'integer', 'date'] as const);
    return pickText(
      random,
      () =>
        `${this.of(ordered, depth)} ${random.pick(['<', '>', '<=', '>='])} ${this.leaf(ordered)}`,
      () => `${this.of(type, depth)} ${random.pick(['===', '!=='])} ${this.leaf(type)}`,
      () => `${this.of(type, depth)} ${random.pick(['==', '!='])} ${this.leaf(random.pick(TYPES))}`,
    );
  }

  membership(depth: number): string {
    const random = this.#random;
    const string = () => this.receiver('string');
    return pickText(
      random,
      () => `${this.set('integers', depth)}.contains(${this.of('integer', depth - 1)})`,
      () => `${this.set('strings', depth)}.contains(${this.of('string', depth - 1)})`,
      () => `${this.receiver('integers')}.contains(${this.leaf('integers')})`,
      () => `${this.receiver('array')}.contains(${this.leaf(random.pick(TYPES))})`,
      () => `${this.receiver('map')}.contains(${this.leaf(random.pick(['string', 'integer']))})`,
      () => `${string()}.${random.pick(['contains', 'starts_with', 'ends_with'])}(${string()})`,
      () =>
        `${this.receiver('array')}.${random.pick(['starts_with', 'ends_with'])}(${this.leaf('array')})`,
      () => `${string()}.matches(${patternText(random)})`,
      () =>
        `${this.receiver('array')}.get(${this.leaf('integer')}) == ${this.leaf(random.pick(TYPES))}`,
      () =>
        `${this.receiver('map')}.get(${this.leaf('string')}) == ${this.leaf(random.pick(TYPES))}`,
    );
  }

  closure(depth: number): string {
    const random = this.#random;
    const over = random.pick(['integers', 'strings', 'array'] as const);
    const item: Type = over === 'integers' ? 'integer' : over === 'strings' ? 'string' : 'array';
    const name = parameterName(random, this.#variables);
    const inner = new Expressions(random, new Map([...this.#variables, [name, item]]));
    const method = random.pick(['any', 'all']);
    return `${this.receiver(over)}.${method}($${name} -> ${inner.bool(depth - 1)})`;
  }

  bool(depth: number): string {
    const random = this.#random;
    if (depth <= 0) return random.chance(0.3) ? this.leaf('bool') : this.comparison(0);
    return pickText(
      random,
      () => this.comparison(depth - 1),
      () => this.comparison(depth - 1),
      () => this.membership(depth - 1),
      () => this.membership(depth - 1),
      () => `!(${this.bool(depth - 1)})`,
      () => `(${this.bool(depth - 1)}) ${random.pick(['&&', '||'])} (${this.bool(depth - 1)})`,
      () => `${this.bool(depth - 1)} ${random.pick(['&&', '||'])} ${this.bool(depth - 1)}`,
      () => this.closure(depth),
      () => `(${this.bool(depth - 1)}).try_or(${this.leaf('bool')})`,
    );
  }
}
