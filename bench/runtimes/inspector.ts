/** The inspector of a running workerd, the only way to read the size of an isolate's heap. */

interface Answer {
  readonly id?: number;
  readonly result?: { readonly usedSize?: number; readonly backingStorageSize?: number };
}

export interface Inspector {
  /** The isolate's heap and the bytes of its array buffers. */
  readonly heapBytes: () => Promise<number>;
  readonly close: () => void;
}

export async function openInspector(port: number): Promise<Inspector> {
  const targets = await (await fetch(`http://127.0.0.1:${port}/json`)).json();
  const [target] = targets as readonly { readonly webSocketDebuggerUrl: string }[];
  if (target === undefined) throw new Error('the inspector found no isolate');
  const socket = new WebSocket(target.webSocketDebuggerUrl);
  await new Promise((opened) => socket.addEventListener('open', opened, { once: true }));
  const waiting = new Map<number, (answer: Answer) => void>();
  socket.addEventListener('message', ({ data }) => {
    const answer = JSON.parse(String(data)) as Answer;
    waiting.get(answer.id ?? 0)?.(answer);
  });
  let last = 0;
  const call = (method: string): Promise<Answer> =>
    new Promise((answered) => {
      const id = ++last;
      waiting.set(id, answered);
      socket.send(JSON.stringify({ id, method }));
    });
  return {
    heapBytes: async () => {
      const { result } = await call('Runtime.getHeapUsage');
      return (result?.usedSize ?? Number.NaN) + (result?.backingStorageSize ?? 0);
    },
    close: () => socket.close(),
  };
}
