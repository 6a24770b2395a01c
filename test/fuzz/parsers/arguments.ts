/** Arguments as facts: nothing is lost, and no two arguments have the same facts. */
import { printFact } from '../../../src/biscuit/index.ts';
import {
  canonicalJson,
  isJsonObject,
  type Json,
  type JsonObject,
} from '../../../src/canonical-json.ts';
import { type ArgumentNode, callFacts, checkCall } from '../../../src/capability/index.ts';
import { pointerTo } from '../../../src/json-pointer.ts';
import type { Random } from '../generate/random.ts';
import { claim, type ParserCampaign } from './campaign.ts';
import { mutateJson, mutateJsonOften } from './json.ts';

const SAMPLES: readonly [JsonObject, ...JsonObject[]] = [
  { path: 'reports/q3.csv', head: 10 },
  {
    to: ['a@acme.example', 'b@acme.example'],
    subject: 'Re: ~/x',
    amount: 49.999999,
    urgent: false,
  },
  { url: 'https://api.example:8443/v1?q=1#x', ip: '10.0.0.1', note: null },
  { filter: { field: 'age', range: { min: 1, max: 2 }, tags: [] }, 'a/b': { '~': { '': 1 } } },
  { list: [[1, 2], [{ a: 'x' }, {}], 'é', '\u{1f600}'] },
  {},
];

/** Returns the arguments, reconstructed from what their facts are made of. */
function rebuilt(pointer: string, nodes: ReadonlyMap<string, ArgumentNode>): Json {
  const node = nodes.get(pointer);
  claim(node !== undefined, 'a value is missing from the facts', pointer);
  const { type, value, micros, members = [], count = 0 } = node;
  if (type === 'array') {
    return Array.from({ length: count }, (_, i) => rebuilt(pointerTo(pointer, i), nodes));
  }
  if (type === 'object') {
    const names = members.map((member) => member.slice(pointer.length + 1));
    return Object.fromEntries(
      names.map((name) => [
        name.replaceAll('~1', '/').replaceAll('~0', '~'),
        rebuilt(`${pointer}/${name}`, nodes),
      ]),
    );
  }
  if (type === 'number') return Number(`${String(micros)}e-6`);
  claim(value !== undefined, 'a leaf has no value', pointer);
  return value;
}

/** The numbers that are limited, counted independently. */
function measured(value: Json, depth = 0): { leaves: number; containers: number; depth: number } {
  const inner = Array.isArray(value) ? value : isJsonObject(value) ? Object.values(value) : [];
  const sum = { leaves: 0, containers: 0, depth };
  for (const each of inner) {
    const { leaves, containers, depth: deepest } = measured(each as Json, depth + 1);
    sum.leaves += leaves;
    sum.containers += containers;
    sum.depth = Math.max(sum.depth, deepest);
  }
  if (inner.length > 0) sum.containers++;
  else if (depth > 0) sum.leaves++;
  return sum;
}

/** Returns the length of the longest pointer to a value, in bytes. */
function longest(value: Json, length = 0): number {
  const inner = Array.isArray(value) ? [...value.entries()] : Object.entries(value ?? {});
  if (typeof value !== 'object') return length;
  const lengths = inner.map(([name, each]) => {
    const escaped = String(name).replaceAll(/[~/]/g, 'xx');
    return longest(each as Json, length + 1 + Buffer.byteLength(escaped));
  });
  return Math.max(length, ...lengths);
}

const fitsPlainly = (args: JsonObject): boolean => {
  const { leaves, containers, depth } = measured(args);
  const text = JSON.stringify(args);
  const isPlain = !/:\/\/|\\ud[89a-f]|e[+-]\d|\d{10}|\.\d{7}/i.test(text);
  return isPlain && longest(args) <= 512 && leaves <= 128 && containers <= 128 && depth <= 16;
};

async function factsOf(args: JsonObject): Promise<readonly string[] | undefined> {
  const checked = await checkCall({ tool: 't', action: 'read', dataset: ['d'], args });
  if (!checked.ok) return undefined;
  return callFacts(new Date(0), 'https://a.example', checked.value).map(printFact);
}

const asObject = (value: Json): JsonObject => (isJsonObject(value) ? value : { value });

const change = (random: Random, args: JsonObject): JsonObject => {
  const changed = asObject(mutateJsonOften(random, args));
  return random.chance(0.1)
    ? { ...changed, more: Array<Json>(random.below(140)).fill([0]) }
    : changed;
};

export const argumentFacts: ParserCampaign = {
  name: 'arguments',
  outcomes: { ok: 'seen', arguments_invalid: 'seen' },
  cases: 4_000,
  attempt: async (random) => {
    const args = change(random, random.pick(SAMPLES));
    const checked = await checkCall({ tool: 't', action: 'read', dataset: ['d'], args });
    if (!checked.ok) {
      claim(!fitsPlainly(args), 'arguments within the limits are refused', {
        args,
        error: checked.error,
      });
      return checked.error.code;
    }
    const { nodes } = checked.value;
    const { leaves, containers, depth } = measured(args);
    claim(
      leaves <= 128 && containers <= 128 && depth <= 16,
      'arguments beyond the limits are accepted',
      args,
    );
    claim(longest(args) <= 512, 'a pointer beyond the limit is accepted', args);
    const byPointer = new Map(nodes.map((node) => [node.pointer, node] as const));
    claim(byPointer.size === nodes.length, 'two values have the same pointer', args);
    claim(canonicalJson(rebuilt('', byPointer)) === canonicalJson(args), 'a value is lost', args);
    const facts = callFacts(new Date(0), 'https://a.example', checked.value).map(printFact);
    claim(facts.length <= 8 + 9 * nodes.length, 'there are too many facts', facts.length);
    claim(new Set(facts).size === facts.length, 'a fact is repeated', args);
    const other = asObject(mutateJson(random, args));
    const others = await factsOf(other);
    if (others && canonicalJson(other) !== canonicalJson(args)) {
      const blind = (texts: readonly string[]) =>
        [...texts]
          .filter((text) => !text.startsWith('args_sha256('))
          .sort()
          .join('\n');
      claim(blind(others) !== blind(facts), 'two different arguments have the same facts', {
        args,
        other,
      });
    }
    return 'ok';
  },
};
