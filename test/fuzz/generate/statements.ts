/** Facts, rules, checks and policies as Datalog text, over a few predicates with typed columns. */
import { Expressions, type Variables } from './expressions.ts';
import type { Random } from './random.ts';
import { TYPES, type Type, termText } from './terms.ts';

/** The columns of every predicate. They make joins succeed and most expressions well-typed. */
const PREDICATES: readonly [
  readonly [string, readonly Type[]],
  ...(readonly [string, readonly Type[]])[],
] = [
  ['n', ['integer']],
  ['s', ['string']],
  ['right', ['string', 'string']],
  ['pair', ['integer', 'integer']],
  ['at', ['integer', 'date']],
  ['flag', ['bool']],
  ['ints', ['integers']],
  ['names', ['strings']],
  ['list', ['array']],
  ['dict', ['map']],
  ['blob', ['bytes']],
  ['none', ['null', 'integer']],
];

/** Mostly one of the first few, so that the facts of one block often matter to another. */
const pickPredicate = (random: Random) =>
  random.chance(0.6) ? (PREDICATES[random.below(4)] ?? PREDICATES[0]) : random.pick(PREDICATES);

const VARIABLES = ['x', 'y', 'z', 'w'] as const;

export type Scopes = readonly string[];

type Column = readonly [string, Type];

/** A fact of the case, which a body can be made to match. */
export type KnownFact = {
  readonly name: string;
  readonly columns: readonly Type[];
  readonly terms: readonly string[];
};

export class Statements {
  readonly #random: Random;
  /** What can follow `trusting`: keys, `authority`, `previous`. */
  readonly #scopes: Scopes;
  readonly #known: KnownFact[];

  /** Every generated fact is added to `known`. */
  constructor(random: Random, scopes: Scopes, known: KnownFact[]) {
    this.#random = random;
    this.#scopes = scopes;
    this.#known = known;
  }

  fact(): string {
    const random = this.#random;
    const [name, columns] = pickPredicate(random);
    const terms = columns.map((type) => {
      const odd = random.chance(0.02);
      return termText(random, odd ? random.pick(TYPES) : type, 2);
    });
    this.#known.push({ name, columns, terms });
    return `${name}(${terms.join(', ')})`;
  }

  /** Returns a predicate of a body, and the columns of its variables. */
  #predicate(): { readonly text: string; readonly bound: readonly Column[] } {
    const random = this.#random;
    const known = random.chance(0.7) ? this.#known[random.below(this.#known.length)] : undefined;
    const [name, columns] = known ? [known.name, known.columns] : pickPredicate(random);
    const bound: Column[] = [];
    const terms = columns.map((type, i) => {
      if (random.chance(0.25)) return known?.terms[i] ?? termText(random, type, 1);
      const variable = random.pick(VARIABLES);
      bound.push([variable, type]);
      return `$${variable}`;
    });
    return { text: `${name}(${terms.join(', ')})`, bound };
  }

  #trusting(): string {
    const random = this.#random;
    const [first, ...others] = this.#scopes;
    if (first === undefined || !random.chance(0.2)) return '';
    const chosen = random.list(1, 2, () => random.pick([first, ...others]));
    return ` trusting ${[...new Set(chosen)].join(', ')}`;
  }

  /** Returns a body, and the variables that its predicates bind. */
  body(): { readonly text: string; readonly variables: Variables } {
    const random = this.#random;
    const predicates = random.list(0, 2, () => this.#predicate());
    const variables = new Map(predicates.flatMap(({ bound }) => bound));
    const expressions = new Expressions(random, variables);
    const least = predicates.length === 0 ? 1 : 0;
    const tests = random.list(least, 1 + least, () => expressions.bool(random.below(4)));
    const parts = [...predicates.map(({ text }) => text), ...tests];
    return { text: `${parts.join(', ')}${this.#trusting()}`, variables };
  }

  rule(): string {
    const random = this.#random;
    const { text, variables } = this.body();
    const [name, columns] = pickPredicate(random);
    const terms = columns.map((type) => {
      const fitting = [...variables].filter(([, of]) => of === type).map(([variable]) => variable);
      const [first, ...others] = fitting;
      if (first !== undefined && random.chance(0.8)) return `$${random.pick([first, ...others])}`;
      return termText(random, type, 1);
    });
    return `${name}(${terms.join(', ')}) <- ${text}`;
  }

  #alternatives(): string {
    return this.#random
      .list(1, this.#random.chance(0.2) ? 2 : 1, () => this.body().text)
      .join(' or ');
  }

  check(): string {
    const kind = this.#random.pick(['check if', 'check if', 'check all', 'reject if']);
    // Only one query: the reference and the specification differ on `reject if` with several.
    return `${kind} ${kind === 'reject if' ? this.body().text : this.#alternatives()}`;
  }

  policy(): string {
    return `${this.#random.pick(['allow', 'allow', 'deny'])} if ${this.#alternatives()}`;
  }
}
