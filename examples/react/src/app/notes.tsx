import { type FormEvent, useEffect, useState } from 'react';

interface Note {
  readonly id: string;
  readonly text: string;
}

async function ask<T>(method: string, where: string, body?: unknown): Promise<T> {
  const answer = await fetch(`/api/notes${where}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error((await answer.json()).error);
  return answer.status === 204 ? (undefined as T) : answer.json();
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : `${error}`);

export function Notes() {
  const [notes, setNotes] = useState<readonly Note[]>();
  const [text, setText] = useState('');
  const [fault, setFault] = useState('');

  useEffect(() => {
    ask<Note[]>('GET', '').then(setNotes, (error) => setFault(messageOf(error)));
  }, []);

  async function add(event: FormEvent) {
    event.preventDefault();
    try {
      const note = await ask<Note>('POST', '', { text });
      setNotes((before = []) => [...before, note]);
      setText('');
      setFault('');
    } catch (error) {
      setFault(messageOf(error));
    }
  }

  async function remove({ id }: Note) {
    try {
      await ask('DELETE', `/${id}`);
      setNotes((before = []) => before.filter((note) => note.id !== id));
    } catch (error) {
      setFault(messageOf(error));
    }
  }

  return (
    <>
      <h1>Notes</h1>
      <form onSubmit={add}>
        <input aria-label="A note" value={text} onChange={(event) => setText(event.target.value)} />
        <button type="submit">Add</button>
      </form>
      {fault && <p role="alert">{fault}</p>}
      {notes === undefined && !fault && <p>Loading …</p>}
      <ul>
        {notes?.map((note) => (
          <li key={note.id}>
            {note.text}
            <button type="button" aria-label={`Remove ${note.text}`} onClick={() => remove(note)}>
              ×
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
