/** The client of the bench: one for both servers, over connections that stay open. */
import { Agent, request } from 'node:http';

/** One request, prepared before the clock starts: the client's signing is not measured. */
export interface Prepared {
  readonly url: string;
  /** A form for a POST. Without one and without records, a GET. */
  readonly form?: string;
  /** Records for a POST of a verifier, as JSON, and its credential. */
  readonly records?: { readonly body: string; readonly credential: string };
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
export function exchange({ url, form, records }: Prepared, agent?: Agent): Promise<string> {
  const body = form ?? records?.body;
  const method = body === undefined ? 'GET' : 'POST';
  const headers = {
    ...(form !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
    ...(records && {
      'content-type': 'application/json',
      authorization: `Bearer ${records.credential}`,
    }),
  };
  return new Promise((answered, failed) => {
    const sent = request(url, { method, headers, ...(agent && { agent }) }, (response) => {
      let answer = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        answer += chunk;
      });
      response.on('error', failed);
      response.on('end', () => {
        if (response.statusCode === 200) answered(answer);
        else failed(new Error(`${url}: ${response.statusCode} ${answer}`));
      });
    });
    sent.on('error', failed);
    sent.end(body);
  });
}
