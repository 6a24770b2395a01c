/** One event of a stream, with the fields that it sets. */
export interface StreamEvent {
  readonly data?: string;
  /** The position in the stream from which a client can resume. */
  readonly id?: string;
  /** Milliseconds until a client should connect again. */
  readonly retry?: number;
  /** The type of the event, if it is not `message`. */
  readonly type?: string;
}

/**
 * Splits a stream into its events as they arrive (HTML Living Standard, section 9.2.6). An event is
 * complete at its blank line, so an answer counts before the server closes the stream. Each
 * character is read once, whatever the size of the chunks.
 */
export class EventStream {
  #line = '';
  #data: string[] = [];
  #fields: Omit<StreamEvent, 'data'> = {};
  /** Characters of the event that is not complete. */
  #pending = 0;
  /**
   * The last chunk ended with CR: an LF at the start of the next one belongs to the same line end.
   */
  #skipsLineFeed = false;

  /** The length of the event that is not complete, in characters. */
  get pending(): number {
    return this.#pending + this.#line.length;
  }

  /** Returns each event that `text` completes. */
  push(text: string): readonly StreamEvent[] {
    const events: StreamEvent[] = [];
    let rest = this.#skipsLineFeed && text.startsWith('\n') ? text.slice(1) : text;
    if (text !== '') this.#skipsLineFeed = text.endsWith('\r');
    for (let end = rest.search(LINE_END); end !== -1; end = rest.search(LINE_END)) {
      const event = this.#endLine(rest.slice(0, end));
      if (event !== undefined) events.push(event);
      rest = rest.slice(end + (rest.startsWith('\r\n', end) ? 2 : 1));
    }
    this.#line += rest;
    return events;
  }

  /** Returns the event that was incomplete when the stream ended or was cut. */
  end(): StreamEvent | undefined {
    return this.#endLine('') ?? this.#endLine('');
  }

  #endLine(tail: string): StreamEvent | undefined {
    const line = this.#line + tail;
    this.#line = '';
    if (line !== '') {
      this.#readField(line);
      return undefined;
    }
    const [data, fields] = [this.#data, this.#fields];
    this.#data = [];
    this.#fields = {};
    this.#pending = 0;
    if (data.length > 0) return { ...fields, data: data.join('\n') };
    return fields.id === undefined && fields.retry === undefined ? undefined : fields;
  }

  #readField(line: string): void {
    const colon = line.indexOf(':');
    if (colon < 1) return;
    const value = line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    switch (line.slice(0, colon)) {
      case 'data':
        this.#data.push(value);
        this.#pending += value.length;
        return;
      case 'id':
        if (!value.includes('\0')) this.#fields = { ...this.#fields, id: value };
        return;
      case 'retry':
        if (/^\d{1,9}$/.test(value)) this.#fields = { ...this.#fields, retry: Number(value) };
        return;
      case 'event':
        if (value !== 'message') this.#fields = { ...this.#fields, type: value };
    }
  }
}

const LINE_END = /[\r\n]/;
