import { parseHTML } from 'linkedom';

export default {
  async fetch(request: Request) {
    const { document, customElements, Event, HTMLElement } = parseHTML(await request.text());
    customElements.define(
      'wind-rose',
      class extends HTMLElement {
        connectedCallback() {
          this.textContent = `blows ${this.getAttribute('from')}`;
        }
      },
    );
    const list = document.querySelector('ul');
    for (const name of ['Goa', 'Diu']) {
      const item = document.createElement('li');
      item.textContent = name;
      item.dataset.length = `${name.length}`;
      list?.append(item);
    }
    let clicks = 0;
    const button = document.querySelector('button');
    document.body.addEventListener('click', () => void clicks++);
    button?.dispatchEvent(new Event('click', { bubbles: true }));
    document.querySelectorAll('.old').forEach((node) => void node.remove());
    const rose = document.createElement('wind-rose');
    rose.setAttribute('from', 'NW');
    document.body.append(rose);
    return new Response(document.toString(), { headers: { 'x-clicks': `${clicks}` } });
  },
};
