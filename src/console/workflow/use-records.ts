import { useEffect, useRef, useState } from 'preact/hooks';
import { type Fault, type Loaded, useFrame } from '../frame/index.ts';
import { readOn } from './load.ts';
import { NOTHING_READ, type RecordsRead } from './records-read.ts';

/** Reads the records of a workflow, and on whenever something happened. */
export function useRecords(id: string): Loaded<RecordsRead> {
  const { live } = useFrame();
  const [read, setRead] = useState<RecordsRead | undefined>();
  const [fault, setFault] = useState<Fault | undefined>();
  const [isLoading, setLoading] = useState(true);
  const [asked, setAsked] = useState(0);
  const latest = useRef<RecordsRead>(NOTHING_READ);

  useEffect(() => {
    let isOver = false;
    setLoading(true);
    void readOn(id, latest.current).then((answer) => {
      if (isOver) return;
      setLoading(false);
      setFault(answer.ok ? undefined : answer.error);
      if (!answer.ok) return;
      latest.current = answer.value;
      setRead(answer.value);
    });
    return () => {
      isOver = true;
    };
  }, [id, live.changes, asked]);

  return {
    isLoading,
    reload: () => setAsked((count) => count + 1),
    ...(read && { value: read }),
    ...(fault && { fault }),
  };
}
