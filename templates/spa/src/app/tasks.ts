import type { Task } from '../task.ts';
import { element } from './element.ts';

async function ask<T>(method: string, where = '', body?: unknown): Promise<T> {
  const answer = await fetch(`/api/tasks${where}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error((await answer.json()).error);
  return answer.status === 204 ? (undefined as T) : answer.json();
}

export async function tasksPage(): Promise<readonly Node[]> {
  const list = element('ul', {});
  const fault = element('p', { role: 'alert' });

  /** Does it, and shows what went wrong. */
  const attempt = async (work: () => Promise<void>) => {
    fault.textContent = '';
    try {
      await work();
    } catch (error) {
      fault.textContent = error instanceof Error ? error.message : `${error}`;
    }
  };

  const line = (task: Task): HTMLElement => {
    const where = `/${task.id}`;
    const check = element('input', { type: 'checkbox', checked: task.done, id: task.id });
    const remove = element('button', { type: 'button', title: 'Remove' }, '×');
    const made = element(
      'li',
      {},
      check,
      element('label', { htmlFor: task.id }, task.text),
      remove,
    );
    check.onchange = () =>
      attempt(async () => {
        await ask('PATCH', where, { done: check.checked });
      });
    remove.onclick = () =>
      attempt(async () => {
        await ask('DELETE', where);
        made.remove();
      });
    return made;
  };

  const text = element('input', { type: 'text', placeholder: 'What is to do?', ariaLabel: 'Task' });
  const form = element('form', {}, text, element('button', { type: 'submit' }, 'Add'));
  form.onsubmit = (event) => {
    event.preventDefault();
    attempt(async () => {
      list.append(line(await ask<Task>('POST', '', { text: text.value })));
      form.reset();
    });
  };
  await attempt(async () => list.append(...(await ask<Task[]>('GET')).map(line)));
  return [element('h1', {}, 'Tasks'), form, fault, list];
}
