import { pointerAbove, pointersAround } from '../../json-pointer.ts';
import type { DatalogWriter } from '../datalog.ts';
import { VARIABLES } from './condition.ts';

/** Where a constraint applies. */
export interface Place {
  readonly pointer: string;
  /** The pointer as a parameter of the text. */
  readonly parameter: string;
  /** Bodies that match if nothing is there; empty if something must be. */
  readonly absent: readonly string[];
}

/** Writes checks that apply to the calls of one tool, or to all calls if no tool is named. */
export class ToolChecks {
  readonly block: DatalogWriter;
  /** The tool as a parameter of the text. */
  readonly #tool: string | undefined;
  #needsOrigins = false;

  constructor(block: DatalogWriter, tool: string | undefined) {
    this.block = block;
    this.#tool = tool === undefined ? undefined : block.parameter(tool);
  }

  /** One of the bodies must match. */
  require(...bodies: readonly string[]): void {
    const others = this.#tool === undefined ? [] : [`tool($t), $t !== ${this.#tool}`];
    this.block.addText(`check if ${[...others, ...bodies].join(' or ')}`);
  }

  /** The body must not match. It is one query: implementations disagree on `reject if … or …`. */
  reject(body: string): void {
    const tool = this.#tool === undefined ? '' : `tool(${this.#tool}), `;
    this.block.addText(`reject if ${tool}${body}`);
  }

  /**
   * A verifier that knows no origins states none, and a `reject if` over them would reject nothing.
   * The origins of the arguments as a whole are always stated, so it denies every call.
   */
  needOrigins(): void {
    if (!this.#needsOrigins) this.require(`arg_origins("", ${VARIABLES.arg_origins})`);
    this.#needsOrigins = true;
  }

  /** The object at `pointer` has no other members. It may be missing if `absent` matches. */
  closeObject(pointer: string, members: Iterable<string>, absent: readonly string[]): void {
    const [at, names] = [this.block.parameter(pointer), this.block.parameter(new Set(members))];
    this.require(...absent, `arg_members(${at}, $n), ${names}.contains($n)`);
  }

  /** Bodies of which one matches if nothing is at `pointer`. The objects above may be missing. */
  absence(pointer: string): readonly string[] {
    return [pointer, ...pointersAround(pointer)].reverse().map((inner) => {
      const [holder, member] = [pointerAbove(inner), inner].map((at) => this.block.parameter(at));
      return `arg_members(${holder}, $n), !$n.contains(${member})`;
    });
  }
}
