import { type Clock, readSeconds } from '../clock.ts';
import { NEVER_EXPIRES, type WorkflowStops } from '../feed/index.ts';
import { type Lifecycle, type LifecycleEntry, transition } from '../lifecycle/index.ts';

type StopMove = 'revoke' | 'suspend' | 'resume';

interface Member {
  readonly life: Lifecycle;
  readonly parent: string | undefined;
}

/**
 * The workflows of a test issuer, and what happens to those below when one is stopped. Each
 * transition is decided by the code that decides it in production.
 */
export class TestWorkflows {
  readonly #members = new Map<string, Member>();
  readonly #revoked = new Set<string>();
  readonly #stops: WorkflowStops;
  readonly #now: Clock;
  #seq = 1;

  constructor(stops: WorkflowStops, now: Clock) {
    this.#stops = stops;
    this.#now = now;
  }

  /** The position of the last change, as a head states it. */
  get seq(): number {
    return this.#seq;
  }

  /** Adds what a token names. The ancestors are in order, root first. */
  add(id: string, ancestors: readonly string[]): void {
    const parent = ancestors.at(-1);
    if (parent !== undefined) this.add(parent, ancestors.slice(0, -1));
    const known = this.#members.get(id);
    if (known && (known.parent !== undefined || parent === undefined)) return;
    this.#members.set(id, { life: known?.life ?? newLife(id), parent });
  }

  /** The generation that the next token of the workflow has. */
  genOf(id: string): number {
    return this.#members.get(id)?.life.gen ?? 1;
  }

  /** The workflows above, root first. */
  ancestorsOf(id: string): readonly string[] {
    const parent = this.#members.get(id)?.parent;
    return parent === undefined ? [] : [...this.ancestorsOf(parent), parent];
  }

  isRevoked(id: string): boolean {
    return this.#revoked.has(id);
  }

  /**
   * Stops or resumes a workflow and those below it. A move that changes nothing is ignored, except
   * a resumption: a test that resumes an active workflow would prove nothing.
   */
  move(id: string, move: StopMove): void {
    this.add(id, []);
    const parent = this.#members.get(id)?.parent;
    const above = parent === undefined ? 'active' : this.#members.get(parent)?.life.state;
    if (move === 'resume' && above !== 'active') {
      throw new TypeError(`resume: the parent of \`${id}\` is ${above}; resume the parent first`);
    }
    const isChanged = this.#apply(id, move, 'operator');
    if (move === 'resume' && !isChanged) {
      throw new TypeError(`resume: the workflow \`${id}\` is not suspended`);
    }
  }

  /** Records a change of the feed that concerns no workflow. */
  advance(): void {
    this.#seq += 1;
  }

  #apply(id: string, move: StopMove, by: 'operator' | 'parent'): boolean {
    const member = this.#members.get(id);
    if (!member) return false;
    const decided = transition(member.life, { move, by }, readSeconds(this.#now));
    if (!decided.ok) return false;
    const { after, entry } = decided.value;
    this.#members.set(id, { ...member, life: after });
    // The parent's entry covers a child that it stops: the child's tokens name the parent.
    if (entry && (by === 'operator' || move === 'resume')) this.#enter(entry);
    for (const [below, { parent }] of this.#members) {
      if (parent === id) this.#apply(below, move, 'parent');
    }
    return true;
  }

  #enter(entry: LifecycleEntry): void {
    this.advance();
    if (entry.kind === 'workflow') this.#revoked.add(entry.id);
    else {
      const seq = this.#seq;
      this.#stops.add({ ...entry, seq, at: readSeconds(this.#now), expires: NEVER_EXPIRES });
    }
  }
}

/** Active and without an end: a test decides what happens to it. */
const newLife = (id: string): Lifecycle => ({
  id,
  state: 'active',
  gen: 1,
  ends: NEVER_EXPIRES,
  idleSeconds: NEVER_EXPIRES,
  activeAt: 0,
  tokensEnd: NEVER_EXPIRES,
});
