"""Uses each stand-in through the Python client of what it stands in for.

usage: clients.py URLS [NAME ...]

URLS is the line of JSON that the example `standins` prints. NAMEs choose among the parts; all that URLS has an address
for by default. Prints one line a part; a part that fails ends the run with its traceback and exit code 1.
"""

import asyncio
import json
import math
import sys
import uuid


def check(what, got, wanted):
    if got != wanted:
        raise AssertionError(f"{what}: got {got!r}, wanted {wanted!r}")


def use_redis(url):
    import redis

    for protocol in (2, 3):
        client = redis.Redis.from_url(url, protocol=protocol, decode_responses=True, client_name="interop")
        client.flushdb()
        check("ping", client.ping(), True)
        check("set", client.set("key", "value", ex=60), True)
        check("get", client.get("key"), "value")
        check("get nothing", client.get("nothing"), None)
        check("ttl", 58 <= client.ttl("key") <= 60, True)
        check("set nx", client.set("key", "other", nx=True), None)
        check("set get", client.set("key", "new", get=True), "value")
        check("incr", [client.incr("n"), client.incrby("n", 41)], [1, 42])
        check("mset", client.mset({"a": "1", "b": "2"}), True)
        check("mget", client.mget(["a", "x", "b"]), ["1", None, "2"])
        check("keys", sorted(client.keys("[ab]")), ["a", "b"])
        check("scan", sorted(client.scan_iter(match="*")), ["a", "b", "key", "n"])
        check("exists, delete", [client.exists("a", "b", "x"), client.delete("a", "x")], [2, 1])
        check("expire", [client.expire("b", 10), client.persist("b"), client.ttl("b")], [True, True, -1])
        check("type", [client.type("b"), client.type("x")], ["string", "none"])
        with client.pipeline(transaction=False) as pipeline:
            check("pipeline", pipeline.set("p", "1").get("p").incr("p").execute(), [True, "1", 2])
        with client.pipeline(transaction=True) as pipeline:
            check("transaction", pipeline.incr("p").incr("p").execute(), [3, 4])
        check("client name", client.client_getname(), "interop")
        check("info", "redis_version" in client.info(), True)
        check("dbsize", client.dbsize(), 4)
        try:
            client.execute_command("NONSENSE", "x")
            raise AssertionError("NONSENSE was accepted")
        except redis.ResponseError as error:
            check("unknown command", str(error), "unknown command 'NONSENSE', with args beginning with: 'x' ")
        client.close()

    async def asynchronously():
        client = redis.asyncio.Redis.from_url(url, protocol=3)
        await client.set("async", b"\x00\xff")
        check("asyncio", await asyncio.gather(*[client.get("async") for _ in range(20)]), [b"\x00\xff"] * 20)
        await client.aclose()

    asyncio.run(asynchronously())
    return f"redis-py {redis.__version__}: RESP2 and RESP3, pipelines, transactions, asyncio"


def use_qdrant(url):
    from importlib.metadata import version

    import grpc
    from qdrant_client import QdrantClient, models

    host, port = url.removeprefix("http://").split(":")
    client = QdrantClient(host=host, grpc_port=int(port), prefer_grpc=True, check_compatibility=False)
    name = "interop"
    client.delete_collection(name)
    check("exists", client.collection_exists(name), False)
    vectors = models.VectorParams(size=4, distance=models.Distance.COSINE)
    check("create", client.create_collection(name, vectors_config=vectors), True)
    check("list", name in [collection.name for collection in client.get_collections().collections], True)
    client.create_payload_index(name, "topic", models.PayloadSchemaType.KEYWORD)
    odd = str(uuid.uuid5(uuid.NAMESPACE_DNS, "interop"))
    points = [
        models.PointStruct(id=1, vector=[1, 0, 0, 0], payload={"topic": "a", "year": 2020, "tags": ["x", "y"]}),
        models.PointStruct(id=2, vector=[1, 1, 0, 0], payload={"topic": "b", "year": 2021, "tags": []}),
        models.PointStruct(id=odd, vector=[0, 0, 3, 4], payload={"topic": "b", "year": 2022, "nested": {"deep": True}}),
    ]
    check("upsert", client.upsert(name, points, wait=True).status, models.UpdateStatus.COMPLETED)
    check("info", client.get_collection(name).points_count, 3)
    check("count", client.count(name).count, 3)

    found = client.query_points(name, query=[1.0, 0.0, 0.0, 0.0], limit=2, with_payload=True).points
    check("query", [(point.id, point.payload["topic"]) for point in found], [(1, "a"), (2, "b")])
    check("score", math.isclose(found[1].score, math.sqrt(0.5), rel_tol=1e-5), True)
    check("query by id", [point.id for point in client.query_points(name, query=1).points], [2, odd])
    condition = models.FieldCondition(key="topic", match=models.MatchValue(value="b"))
    late = models.FieldCondition(key="year", range=models.Range(gte=2022))
    both = models.Filter(must=[condition, late])
    found = client.query_points(name, query=[1.0, 0.0, 0.0, 0.0], query_filter=both, with_vectors=True).points
    check("filter", [point.id for point in found], [odd])
    check("vector", [round(x, 4) for x in found[0].vector], [0, 0, 0.6, 0.8])
    any_of = models.FieldCondition(key="topic", match=models.MatchAny(any=["a", "c"]))
    check("match any", client.count(name, count_filter=models.Filter(must=[any_of])).count, 1)
    but = models.FieldCondition(key="topic", match=models.MatchExcept(**{"except": ["a"]}))
    check("match except", client.count(name, count_filter=models.Filter(must=[but])).count, 2)
    empty = models.IsEmptyCondition(is_empty=models.PayloadField(key="tags"))
    check("is empty", client.count(name, count_filter=models.Filter(must=[empty])).count, 2)
    page, offset = client.scroll(name, limit=2)
    check("scroll", ([point.id for point in page], offset), ([1, 2], odd))
    client.set_payload(name, {"seen": 1}, points=[1], wait=True)
    check("retrieve", client.retrieve(name, [1])[0].payload["seen"], 1)
    client.delete(name, points_selector=models.FilterSelector(filter=models.Filter(must=[condition])), wait=True)
    check("delete", client.count(name).count, 1)

    for call, code, text in [
        (lambda: client.count("nowhere"), grpc.StatusCode.NOT_FOUND, "Not found: Collection `nowhere` doesn't exist!"),
        (
            lambda: client.query_points(name, query=[1.0]),
            grpc.StatusCode.INVALID_ARGUMENT,
            "Wrong input: Vector dimension error: expected dim: 4, got 1",
        ),
        (
            lambda: client.create_collection(name, vectors_config=vectors),
            grpc.StatusCode.ALREADY_EXISTS,
            "Wrong input: Collection `interop` already exists!",
        ),
    ]:
        try:
            call()
            raise AssertionError(f"no error: {text}")
        except grpc.RpcError as error:
            check("error", (error.code(), error.details()), (code, text))
    client.close()
    return f"qdrant-client {version('qdrant-client')}: collections, points, filters, errors over gRPC"


def use_model(url):
    import openai

    client = openai.OpenAI(base_url=url, api_key="sk-interop", max_retries=0)
    texts = ["a span records one operation", "logs are kept for seven days"]
    answer = client.embeddings.create(model="text-embedding-3-large", input=texts)
    check("default encoding", [len(item.embedding) for item in answer.data], [256, 256])
    floats = client.embeddings.create(model="text-embedding-3-large", input=texts, encoding_format="float")
    for one, other in zip(answer.data, floats.data):
        # The texts of single-precision numbers, read as double precision, differ from the numbers in the ninth digit.
        check("floats", all(map(lambda x, y: math.isclose(x, y, abs_tol=1e-7), one.embedding, other.embedding)), True)
    check("usage", answer.usage.prompt_tokens > 0, True)
    tokens = client.embeddings.create(model="text-embedding-3-large", input=[[1, 2], [3]], dimensions=64)
    check("tokens", ([len(item.embedding) for item in tokens.data], tokens.usage.total_tokens), ([64, 64], 3))

    prompt = f"Context:\n{texts[0].capitalize()}. {texts[1].capitalize()}.\n\nQuestion: How long are logs kept?"
    messages = [{"role": "system", "content": "Answer from the context."}, {"role": "user", "content": prompt}]
    whole = client.chat.completions.create(model="gpt-4o-mini", messages=messages, temperature=0.3)
    check("model", whole.model, "gpt-4o-mini-2024-07-18")
    check("answer", "Logs are kept for seven days." in whole.choices[0].message.content, True)
    check("finish", whole.choices[0].finish_reason, "stop")
    stream = client.chat.completions.create(
        model="gpt-4o-mini", messages=messages, stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    text = "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)
    check("stream", text, whole.choices[0].message.content)
    check("stream usage", chunks[-1].usage, whole.usage)
    check("models", "gpt-4o-mini" in [model.id for model in client.models.list()], True)

    for call, kind, text in [
        (lambda: client.embeddings.create(model="m", input=""), openai.BadRequestError, "empty string"),
        (lambda: client.models.retrieve("gpt-0"), openai.NotFoundError, "gpt-0"),
        (lambda: client.completions.create(model="m", prompt="p"), openai.NotFoundError, "Invalid URL"),
    ]:
        try:
            call()
            raise AssertionError(f"no {kind.__name__}")
        except kind as error:
            check(kind.__name__, text in error.message, True)
    return f"openai {openai.__version__}: embeddings as base64 and floats, chat, streaming, models, errors"


def use_collector(urls):
    from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter as GrpcLogs
    from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter as GrpcMetrics
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcSpans
    from opentelemetry.exporter.otlp.proto.http import Compression
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter as HttpLogs
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter as HttpMetrics
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpSpans
    from opentelemetry.sdk._logs import LoggerProvider
    from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import InMemoryMetricReader
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.version import __version__

    span = TracerProvider().get_tracer("interop").start_span("interop")
    span.end()
    reader = InMemoryMetricReader()
    MeterProvider([reader]).get_meter("interop").create_counter("interop").add(1)
    logs = InMemoryLogRecordExporter()
    provider = LoggerProvider()
    provider.add_log_record_processor(SimpleLogRecordProcessor(logs))
    provider.get_logger("interop").emit(body="interop")

    grpc = {"endpoint": urls["grpc"], "insecure": True}
    http = {signal: {"endpoint": f"{urls['http']}/v1/{signal}"} for signal in ("traces", "metrics", "logs")}
    for what, exporter, data in [
        ("traces, gRPC", GrpcSpans(**grpc), [span]),
        ("metrics, gRPC", GrpcMetrics(**grpc), reader.get_metrics_data()),
        ("logs, gRPC", GrpcLogs(**grpc), logs.get_finished_logs()),
        ("traces, HTTP", HttpSpans(**http["traces"]), [span]),
        ("traces, HTTP with gzip", HttpSpans(**http["traces"], compression=Compression.Gzip), [span]),
        ("metrics, HTTP", HttpMetrics(**http["metrics"]), reader.get_metrics_data()),
        ("logs, HTTP", HttpLogs(**http["logs"]), logs.get_finished_logs()),
    ]:
        check(what, exporter.export(data).name, "SUCCESS")
        exporter.shutdown()
    return f"opentelemetry-exporter-otlp {__version__}: traces, metrics and logs over gRPC and HTTP"


PARTS = {"redis": use_redis, "qdrant": use_qdrant, "model": use_model, "collector": use_collector}


def main(urls, *names):
    urls = json.loads(urls)
    for name in names or [name for name in PARTS if name in urls]:
        print(f"{name:<9} ok  {PARTS[name](urls[name])}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
