import rehypeStringify from 'rehype-stringify';
import remarkGfm from 'remark-gfm';
import remarkParse from 'remark-parse';
import remarkRehype from 'remark-rehype';
import { unified } from 'unified';

interface Node {
  type: string;
  depth?: number;
  children?: Node[];
}

/** Moves each heading a level down, and counts them. */
const lower = () => (tree: Node, file: { data: Record<string, unknown> }) => {
  let count = 0;
  const walk = (node: Node) => {
    if (node.type === 'heading') {
      node.depth = Math.min((node.depth ?? 1) + 1, 6);
      count++;
    }
    node.children?.forEach(walk);
  };
  walk(tree);
  file.data.headings = count;
};

const processor = unified()
  .use(remarkParse)
  .use(remarkGfm)
  .use(lower)
  .use(remarkRehype)
  .use(rehypeStringify)
  .freeze();

export default {
  async fetch(request: Request) {
    const file = await processor.process(await request.text());
    return new Response(String(file), { headers: { 'x-headings': `${file.data.headings}` } });
  },
};
