/** The client of the bench: one for both servers, over connections that stay open. */
import { Agent, request } from 'node:http';

/** One request, prepared before the clock starts: the client's signing is not measured. */
export interface Prepared {
  readonly url: string;
  /** A form for a POST. Without one, a GET. */
  readonly form?: string;
}

export interface Client {
  /** Sends all requests, `atOnce` of them concurrently. Returns the milliseconds that it took. */
  readonly send: (requests: readonly Prepared[], atOnce: number) => Promise<number>;
  readonly close: () => void;
}

export function createClient(): Client {
  const agent = new Agent({ keepAlive: true });
  return {
    send: async (requests, atOnce) => {
      const waiting = [...requests];
      const lane = async () => {
        for (let next = waiting.pop(); next; next = waiting.pop()) await exchange(next, agent);
      };
      const started = performance.now();
      await Promise.all(Array.from({ length: atOnce }, lane));
      return performance.now() - started;
    },
    close: () => agent.destroy(),
  };
}

/** Returns the body of the answer. Any status but 200 fails the measurement. */
export function exchange({ url, form }: Prepared, agent?: Agent): Promise<string> {
  const headers = form === undefined ? {} : FORM_HEADERS;
  const method = form === undefined ? 'GET' : 'POST';
  return new Promise((answered, failed) => {
    const sent = request(url, { method, headers, ...(agent && { agent }) }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('error', failed);
      response.on('end', () => {
        if (response.statusCode === 200) answered(body);
        else failed(new Error(`${url}: ${response.statusCode} ${body}`));
      });
    });
    sent.on('error', failed);
    sent.end(form);
  });
}

const FORM_HEADERS = { 'content-type': 'application/x-www-form-urlencoded' };
