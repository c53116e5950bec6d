import axios, { type AxiosError } from 'axios';

interface Env {
  ORIGIN: string;
}

export default {
  async fetch(_request: Request, env: Env) {
    const api = axios.create({
      baseURL: env.ORIGIN,
      headers: { 'X-Ship': 'nau' },
      auth: { username: 'ana', password: 'segredo' },
    });
    api.interceptors.request.use((config) => ({ ...config, params: { ...config.params, v: 2 } }));
    api.interceptors.response.use(({ data, ...rest }) => ({
      ...rest,
      data: { ...data, seen: true },
    }));
    const { data } = await api.post('/echo', { list: [1, 2] }, { params: { ids: [3, 4] } });
    const form = new FormData();
    form.set('file', new File(['chart'], 'chart.txt'));
    const sent = await api.postForm('/echo', form);
    const refused = await axios.get(`${env.ORIGIN}/missing`).catch((error: AxiosError) => ({
      code: error.code,
      status: error.response?.status,
      data: error.response?.data,
    }));
    const late = await axios
      .get(`${env.ORIGIN}/never`, { timeout: 20 })
      .catch((error) => axios.isAxiosError(error) && error.code);
    const controller = new AbortController();
    const canceled = axios
      .get(`${env.ORIGIN}/never`, { signal: controller.signal })
      .catch((error) => axios.isCancel(error));
    controller.abort();
    const buffer = await axios.get(`${env.ORIGIN}/bytes`, { responseType: 'arraybuffer' });
    return Response.json({
      data,
      sent: sent.data,
      refused,
      late,
      canceled: await canceled,
      bytes: [...new Uint8Array(buffer.data)],
    });
  },
};
