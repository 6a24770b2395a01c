import type { AddressInfo } from 'node:net';
import { createServer, type Server, Socket } from 'node:net';
import { LOOPBACK } from '../../../src/dev/index.ts';

export interface Delays {
  /** Milliseconds that bytes take from the gateway to the issuer. */
  toIssuer: number;
  /** Milliseconds that bytes take back. */
  toGateway: number;
}

/**
 * The network between two processes: TCP on loopback. A test sets a delay for each direction while
 * connections are open, a pause that holds every byte, and a cut that ends all connections.
 */
export class Wire {
  readonly delays: Delays = { toIssuer: 0, toGateway: 0 };
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #target: () => number;
  #paused: (() => void)[] | undefined;
  #isCut = false;

  private constructor(server: Server, target: () => number) {
    this.#server = server;
    this.#target = target;
  }

  /** `target` returns the issuer's port for each connection, because a restart may change it. */
  static async open(target: () => number): Promise<Wire> {
    const server = createServer();
    const wire = new Wire(server, target);
    server.on('connection', (near) => wire.#connect(near));
    await new Promise<void>((listening) => server.listen(0, LOOPBACK, listening));
    return wire;
  }

  get url(): string {
    return `http://${LOOPBACK}:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Sets the same delay in both directions. */
  delay(milliseconds: number): void {
    this.delays.toIssuer = milliseconds;
    this.delays.toGateway = milliseconds;
  }

  /** Holds every byte of open and new connections until `resume`. */
  pause(): void {
    this.#paused ??= [];
  }

  resume(): void {
    const waiting = this.#paused ?? [];
    this.#paused = undefined;
    for (const deliver of waiting) deliver();
  }

  /** Ends every connection and refuses new ones until `mend`. */
  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.#isCut = false;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((closed) => this.#server.close(closed));
  }

  #connect(near: Socket): void {
    if (this.#isCut) {
      near.destroy();
      return;
    }
    const far = new Socket().connect(this.#target(), LOOPBACK);
    this.#carry(near, far, 'toIssuer');
    this.#carry(far, near, 'toGateway');
  }

  /** In order: a later chunk never has an earlier time, so a delay that shrinks waits. */
  #carry(from: Socket, to: Socket, direction: keyof Delays): void {
    this.#sockets.add(from);
    let dueAt = 0;
    const later = (deliver: () => void) => {
      dueAt = Math.max(dueAt, Date.now() + this.delays[direction]);
      const arrive = () => (this.#paused ? this.#paused.push(arrive) : deliver());
      setTimeout(arrive, Math.max(0, dueAt - Date.now()));
    };
    from.on('data', (chunk) => later(() => !to.destroyed && to.write(chunk)));
    from.on('end', () => later(() => to.end()));
    from.on('error', () => to.destroy());
    from.on('close', () => {
      this.#sockets.delete(from);
      later(() => to.destroy());
    });
  }
}
