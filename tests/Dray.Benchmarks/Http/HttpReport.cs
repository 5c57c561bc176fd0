using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Dray.Inference;
using Dray.Inference.Compute.Cpu;
using Dray.Inference.Sampling;
using Dray.Inference.Scheduling;
using Dray.Inference.Tokenization;
using Dray.Worker.Http;

namespace Dray.Benchmarks.Http;

/// <summary>
/// What HTTP costs over the engine: the same streamed requests in this process and over a socket, in turn; and what a thousand streams cost
/// that are open and have nothing to say. Server, engine and clients are one process on one machine.
/// </summary>
internal static class HttpReport
{
    private const int Streams = 32;
    private const int Tokens = 32;
    private const int IdleStreams = 1000;

    public static async Task RunAsync(string modelFolder, int rounds)
    {
        await using var engine = new HeldEngine(InferenceEngine.Load(modelFolder, new CpuBackend(), new EngineOptions { MaxModelLen = 1024, EnablePrefixCaching = false }));
        await using var server = await HttpServer.StartAsync(engine, new HttpApiOptions { MaxRequests = 2 * IdleStreams });
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = server.Address };
        await DeliveryAsync(client);
        await OverheadAsync(engine, client, rounds);
        await IdleAsync(engine, client, server.Address);
    }

    // A piece says when the engine gave it: until the client has read it, all is HTTP's.
    private static async Task DeliveryAsync(HttpClient client)
    {
        await Task.WhenAll(Enumerable.Range(0, Streams).Select(_ => DelaysAsync(client)));
        var delays = (await Task.WhenAll(Enumerable.Range(0, Streams).Select(_ => DelaysAsync(client)))).SelectMany(delay => delay).Order().ToArray();
        Print($"{Streams} streams, a piece each 20 ms: from engine to client p50 {delays[delays.Length / 2]:F2} ms, p99 {delays[delays.Length * 99 / 100]:F2} ms over {delays.Length} pieces");
    }

    private static async Task<List<double>> DelaysAsync(HttpClient client)
    {
        const string Before = "\"delta\":{\"content\":\"";
        var delays = new List<double>();
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/chat/completions") { Content = new StringContent(Body(HeldEngine.Paced), Encoding.UTF8, "application/json") };
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        while (await reader.ReadLineAsync() is { } line)
        {
            var at = line.IndexOf(Before, StringComparison.Ordinal) + Before.Length;
            if (at < Before.Length || line[at] == '"') continue;
            delays.Add(Stopwatch.GetElapsedTime(long.Parse(line.AsSpan(at, line.IndexOf('"', at) - at), CultureInfo.InvariantCulture)).TotalMilliseconds);
        }

        return delays;
    }

    private static async Task OverheadAsync(IInferenceEngine engine, HttpClient client, int rounds)
    {
        await Together(_ => OverHttpAsync(client));
        await Together(_ => InProcessAsync(engine));
        var (inProcess, overHttp) = (new List<Timing>(), new List<Timing>());
        for (var round = 0; round < rounds; round++)
        {
            inProcess.AddRange(await Together(_ => InProcessAsync(engine)));
            overHttp.AddRange(await Together(_ => OverHttpAsync(client)));
        }

        Print($"{Streams} streams of {Tokens} tokens with log-probabilities at once, {rounds} rounds of each in turn, p50 over streams");
        Print("| | engine ms | HTTP ms | difference ms |");
        Row("to the first piece", timing => timing.First);
        Row("from a piece to the next, mean of a stream", timing => timing.Between);
        Row("whole answer", timing => timing.Whole);

        void Row(string what, Func<Timing, double> of)
        {
            var (engineTime, httpTime) = (Median(inProcess.Select(of)), Median(overHttp.Select(of)));
            Print($"| {what} | {engineTime:F2} | {httpTime:F2} | {httpTime - engineTime:F2} |");
        }
    }

    private static async Task IdleAsync(HeldEngine engine, HttpClient client, Uri address)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var body = Body(HeldEngine.Held);
        var request = Encoding.ASCII.GetBytes($"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        var sockets = new List<Socket>();
        for (var i = 0; i < IdleStreams; i++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(address.Host, address.Port);
            await socket.SendAsync(request);
            sockets.Add(socket);
        }

        while (engine.Holding < IdleStreams) await Task.Yield();
        var after = GC.GetTotalMemory(forceFullCollection: true);
        var answers = new List<Timing>();
        for (var i = 0; i < 5; i++) answers.Add(await OverHttpAsync(client));
        Print($"{engine.Holding} idle streams: {(after - before) / IdleStreams / 1024.0:F1} KiB of managed heap each, both ends of the socket; a live request meanwhile: first piece after {Median(answers.Select(timing => timing.First)):F1} ms, whole after {Median(answers.Select(timing => timing.Whole)):F1} ms");
        foreach (var socket in sockets) socket.Dispose();
        var start = Stopwatch.GetTimestamp();
        while (engine.Holding > 0) await Task.Yield();
        Print($"all closed at once: the last sequence left after {Stopwatch.GetElapsedTime(start).TotalMilliseconds:F0} ms");
    }

    private static Task<Timing[]> Together(Func<int, Task<Timing>> ask) => Task.WhenAll(Enumerable.Range(0, Streams).Select(ask));

    private static async Task<Timing> InProcessAsync(IInferenceEngine engine)
    {
        var clock = new StreamClock();
        var request = new GenerationRequest
        {
            Prompt = ChatRequest.Parse(JsonElement.Parse(Body("Describe an invoice."))),
            Sampling = new SamplingParams { Temperature = 0, MaxTokens = Tokens, MinTokens = Tokens, LogProbs = 0 },
            Priority = RequestPriority.Interactive,
        };
        await foreach (var _ in engine.StreamAsync(request)) clock.Piece();
        return clock.End();
    }

    private static async Task<Timing> OverHttpAsync(HttpClient client)
    {
        var clock = new StreamClock();
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/chat/completions") { Content = new StringContent(Body("Describe an invoice."), Encoding.UTF8, "application/json") };
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        while (await reader.ReadLineAsync() is { } line)
        {
            if (line.Contains("\"delta\":", StringComparison.Ordinal) && !line.Contains("\"role\"", StringComparison.Ordinal)) clock.Piece();
        }

        return clock.End();
    }

    private static string Body(string prompt) =>
        $$"""{"messages":[{"role":"user","content":"{{prompt}}"}],"max_tokens":{{Tokens}},"min_tokens":{{Tokens}},"temperature":0,"logprobs":true,"stream":true}""";

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));

    private static void Print(string line) => Console.WriteLine(line);
}
