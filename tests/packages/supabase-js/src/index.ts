import { createClient } from '@supabase/supabase-js';

interface Env {
  ORIGIN: string;
}

export default {
  async fetch(_request: Request, env: Env) {
    const supabase = createClient(env.ORIGIN, 'anon-key', { auth: { persistSession: false } });
    const found = await supabase
      .from('ships')
      .select('name, ports(name)', { count: 'exact' })
      .or('crew.gt.30,name.like.N*')
      .order('name', { ascending: false })
      .range(0, 1);
    const refused = await supabase.from('ships').insert({ name: 'Nau' }).select().single();
    const called = await supabase.rpc('sail', { to: 'Goa' });
    const signedIn = await supabase.auth.signInWithPassword({ email: 'a@b.c', password: 'mar' });
    const me = await supabase.from('me').select();
    const { data: stored } = await supabase.storage
      .from('charts')
      .upload('a/b.txt', new Blob(['reef']), { contentType: 'text/plain', upsert: true });
    return Response.json({
      found: [found.data, found.count],
      refused: refused.error?.code,
      called: called.data,
      user: signedIn.data.user?.email,
      me: me.data,
      stored: stored?.path,
    });
  },
};
