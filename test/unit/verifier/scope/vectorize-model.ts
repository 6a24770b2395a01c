import type { VectorizeFilter } from '../../../../src/verifier/index.ts';

type Scalar = string | number | boolean | null | undefined;

/**
 * A metadata filter as Cloudflare documents it: each text is indexed by its first 64 bytes, cut at
 * a character; a property that a vector lacks meets nothing; all properties have to match.
 */
export function vectorizeMatches(
  filter: VectorizeFilter,
  metadata: Readonly<Record<string, Scalar>>,
): boolean {
  const text = JSON.stringify(filter);
  if (text === '{}' || Buffer.byteLength(text) >= 2_048) throw new Error('an invalid filter');
  return Object.entries(filter).every(([name, condition]) => {
    if (name === '' || /["|.]|^\$/.test(name)) throw new Error('an invalid name');
    const value = indexed(metadata[name]);
    return Object.entries(condition).every(([operator, operand]) =>
      isMet(operator, value, operand as Scalar | readonly Scalar[]),
    );
  });
}

function isMet(operator: string, value: Scalar, operand: Scalar | readonly Scalar[]): boolean {
  if (value === null || value === undefined) return false;
  if (Array.isArray(operand)) return operator === '$in' && operand.includes(value);
  const other = operand as Scalar;
  if (operator === '$eq') return value === other;
  if (other === null || other === undefined || typeof other !== typeof value) return false;
  const order =
    typeof value === 'string'
      ? Buffer.compare(Buffer.from(value), Buffer.from(other as string))
      : 0;
  const difference = typeof value === 'string' ? order : Number(value) - Number(other);
  if (operator === '$gte') return difference >= 0;
  if (operator === '$lt') return difference < 0;
  if (operator === '$lte') return difference <= 0;
  throw new Error(`no operator ${operator}`);
}

function indexed(value: Scalar): Scalar {
  if (typeof value !== 'string') return value;
  let cut = '';
  for (const character of value) {
    if (Buffer.byteLength(cut + character) > 64) break;
    cut += character;
  }
  return cut;
}
