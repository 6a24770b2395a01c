import { createContext } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import type { Permission } from '../../operators/index.ts';
import type { Address } from './address.ts';
import type { Answer, Fault } from './api.ts';
import { issuerNow } from './issuer-clock.ts';
import type { Live, Poller } from './live.ts';
import type { Session } from './session.ts';

/** What the frame knows, for every page. */
export interface Frame {
  readonly address: Address;
  readonly session: Session;
  readonly live: Live;
  readonly poller: Poller;
}

export const FrameContext = createContext<Frame | undefined>(undefined);

/** Returns what the frame knows: the session, how live the page is, and its address. */
export function useFrame(): Frame {
  const frame = useContext(FrameContext);
  if (frame === undefined) throw new Error('This is rendered outside of the frame.');
  return frame;
}

/** What has been loaded. While it loads again, the old value stays on the page. */
export interface Loaded<Value> {
  readonly value?: Value;
  readonly fault?: Fault;
  readonly isLoading: boolean;
  /** Loads again at once: after an order of this page. */
  readonly reload: () => void;
}

/**
 * Loads what a page shows: at first, when `key` changes, and whenever the issuer says that
 * something happened. An answer that comes after a newer question is dropped.
 */
export function useLoaded<Value>(key: string, load: () => Promise<Answer<Value>>): Loaded<Value> {
  const { live } = useFrame();
  const [asked, setAsked] = useState(0);
  const [held, setHeld] = useState<{ key: string; value?: Value; fault?: Fault }>({ key });
  const [isLoading, setLoading] = useState(true);
  useEffect(() => {
    let isOld = false;
    setLoading(true);
    void load().then((answer) => {
      if (isOld) return;
      setLoading(false);
      setHeld((before) => {
        if (answer.ok) return { key, value: answer.value };
        const kept = before.key === key ? before.value : undefined;
        return { key, fault: answer.error, ...(kept !== undefined && { value: kept }) };
      });
    });
    return () => {
      isOld = true;
    };
  }, [key, live.changes, asked]);
  const reload = () => setAsked((count) => count + 1);
  const { value, fault } = held.key === key ? held : {};
  return {
    isLoading,
    reload,
    ...(value !== undefined && { value: value as Value }),
    ...(fault !== undefined && { fault }),
  };
}

/** Returns the issuer's time, and renders again each second. */
export function useNow(everyMilliseconds = 1000): number {
  const [now, setNow] = useState(issuerNow());
  useEffect(() => {
    const timer = setInterval(() => setNow(issuerNow()), everyMilliseconds);
    return () => clearInterval(timer);
  }, [everyMilliseconds]);
  return now;
}

/** Whether the person who is signed in may do this, at least for some owners or tools. */
export const useMay = (permission: Permission): boolean =>
  useFrame().session.may[permission] !== undefined;
