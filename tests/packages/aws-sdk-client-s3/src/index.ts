import './dom.ts';
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  type NoSuchKey,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';

interface Env {
  ORIGIN: string;
}

export default {
  async fetch(request: Request, env: Env) {
    const s3 = new S3Client({
      region: 'eu-west-1',
      endpoint: env.ORIGIN,
      forcePathStyle: true,
      credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wind' },
    });
    const { pathname } = new URL(request.url);
    const place = { Bucket: 'charts', Key: decodeURIComponent(pathname.slice(1)) };
    if (request.method === 'PUT') {
      const { ETag } = await s3.send(
        new PutObjectCommand({
          ...place,
          Body: new Uint8Array(await request.arrayBuffer()),
          ContentType: 'text/plain',
          Metadata: { sailor: 'ana' },
        }),
      );
      return Response.json({ ETag });
    }
    if (request.method === 'DELETE') {
      const objects = { Objects: [{ Key: place.Key }] };
      const { Deleted } = await s3.send(
        new DeleteObjectsCommand({ Bucket: 'charts', Delete: objects }),
      );
      return Response.json(Deleted);
    }
    if (pathname === '/') {
      const { Contents = [], IsTruncated } = await s3.send(
        new ListObjectsV2Command({ Bucket: 'charts', Prefix: 'a' }),
      );
      return Response.json({ keys: Contents.map(({ Key, Size }) => [Key, Size]), IsTruncated });
    }
    try {
      const { Metadata, ContentLength, LastModified } = await s3.send(
        new HeadObjectCommand({ ...place }),
      );
      const { Body } = await s3.send(new GetObjectCommand(place));
      const text = await Body?.transformToString();
      return Response.json({ text, Metadata, ContentLength, when: LastModified?.toISOString() });
    } catch (error) {
      const { name, $metadata } = error as NoSuchKey;
      return Response.json({ name, status: $metadata.httpStatusCode }, { status: 404 });
    }
  },
};
