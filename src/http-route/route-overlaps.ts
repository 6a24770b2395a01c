import { relate } from './path-template.ts';
import { type ReadRoute, type RoutedTool, readRoute } from './route-table.ts';

/** Finds the routes for which a request of another route could be taken as well. */
export class RouteOverlaps {
  readonly #servers = new Map<string, ReadRoute[]>();

  add(tool: RoutedTool): void {
    const read = readRoute(tool);
    if (!read) return;
    const { server } = read.route;
    const entries = this.#servers.get(server) ?? [];
    entries.push(read);
    this.#servers.set(server, entries);
  }

  /**
   * Returns the name of the first added tool whose route overlaps that of `tool`. Fixed text wins
   * over a parameter, so `/orders/search` and `/orders/:id` do not overlap.
   */
  find(tool: RoutedTool): string | undefined {
    const read = readRoute(tool);
    if (!read) return undefined;
    const { route, template } = read;
    return this.#servers.get(route.server)?.find((other) => {
      if (!other.route.methods.some((method) => route.methods.includes(method))) return false;
      const relation = relate(template, other.template);
      return relation === 'same' || relation === 'crossing';
    })?.tool;
  }
}
