import type { Pdp } from '../../../src/authzen/index.ts';
import type { Constraint } from '../../../src/capability/index.ts';
import { PREFIX, pdpWith } from './questions.ts';

/**
 * The fixture of the AuthZEN Authorization API 1.0 certification scenario, rebuilt from
 * certification/authorization-api-1_0-scenario.md of github.com/openid/authzen, sections C-1-1 to
 * C-1-5: what each of its two subjects may do is in a capability.
 */

const allowing = (names: readonly string[], constraints: Readonly<Record<string, Constraint>>) => ({
  constraints: { arguments: names, constraints },
});
const WRITE_NAMES = ['status', 'role'];

/** Alice writes what is not archived, and deletes softly. */
const ALICE = [
  { tool: 'records.read', action: 'read', dataset: 'records' },
  {
    tool: 'records.write',
    action: 'write',
    dataset: 'records',
    ...allowing(WRITE_NAMES, { '/status': { optional: { oneOf: ['active'] } } }),
  },
  {
    tool: 'records.delete',
    action: 'delete',
    dataset: 'records',
    ...allowing(['soft'], { '/soft': { exact: true } }),
  },
] as const;

/** Bob writes as an admin, whatever the status. */
const BOB = [
  { tool: 'records.read', action: 'read', dataset: 'records' },
  {
    tool: 'records.write',
    action: 'write',
    dataset: 'records',
    ...allowing(WRITE_NAMES, { '/role': { exact: 'admin' } }),
  },
] as const;

export interface Certified {
  readonly pdp: Pdp;
  readonly post: Awaited<ReturnType<typeof pdpWith>>['post'];
}

export async function certifiedPdp(): Promise<Certified> {
  const capabilities = new Map<string, string>();
  const { pdp, post, issuer } = await pdpWith({
    capability: ({ id }) => capabilities.get(id),
    mapping: {
      subjects: {
        user: {
          is: 'subject',
          prefix: PREFIX,
          entities: [{ id: 'alice' }, { id: 'bob', properties: { role: 'admin' } }],
        },
      },
      resources: {
        record: {
          dataset: 'records/{resource.id}',
          entities: [
            { id: 'record-1', properties: { status: 'active' } },
            { id: 'record-2', properties: { status: 'archived' } },
          ],
          actions: {
            read: { tool: 'records.read', action: 'read', tier: 1 },
            write: {
              tool: 'records.write',
              action: 'write',
              tier: 2,
              args: {
                status: '{resource.properties.status}',
                role: '{subject.properties.role}',
              },
            },
            delete: {
              tool: 'records.delete',
              action: 'delete',
              tier: 2,
              args: { soft: '{action.properties.soft}' },
            },
          },
        },
      },
    },
  });
  capabilities.set('alice', await issuer.mint({ grants: ALICE, subject: `${PREFIX}alice` }));
  capabilities.set('bob', await issuer.mint({ grants: BOB, subject: `${PREFIX}bob` }));
  return { pdp, post };
}

export const alice = { type: 'user', id: 'alice' };
export const bob = { type: 'user', id: 'bob' };
export const admin = { ...bob, properties: { role: 'admin' } };
export const record = (id: string, status?: string) => ({
  type: 'record',
  id,
  ...(status && { properties: { status } }),
});
export const named = (name: string, properties?: object) => ({
  name,
  ...(properties && { properties }),
});
export const CONTEXT = { time: '2025-06-27T18:03-07:00', ip: '192.168.1.1' };
