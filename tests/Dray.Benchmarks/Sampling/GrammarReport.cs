using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Dray.Inference;
using Dray.Inference.Sampling.Grammar;
using Dray.Inference.Tokenization;

namespace Dray.Benchmarks.Sampling;

/// <summary>
/// Structured output over the 131,072-token vocabulary: how long a schema takes to compile, and each token's mask with its application to
/// the logits, in the schema's first answer and in later ones. Quantiles over single masks, which a mean would hide. Needs <c>DRAY_SHARED</c>.
/// </summary>
internal static class GrammarReport
{
    private const int Answers = 40;

    private static readonly (string Name, string Body)[] Cases =
    [
        ("label enum", Schema("""{"type":"object","properties":{"topic":{"enum":["sports","finance","weather","technology","food","travel","health"]}},"required":["topic"],"additionalProperties":false}""")),
        ("invoice: strings, dates, list of lines", Schema("""{"type":"object","properties":{"number":{"type":"string"},"date":{"type":"string","format":"date"},"vendor":{"type":"object","properties":{"name":{"type":"string"},"email":{"type":"string","format":"email"}},"required":["name"]},"lines":{"type":"array","items":{"type":"object","properties":{"what":{"type":"string"},"count":{"type":"integer","minimum":1},"price":{"type":"number"}},"required":["what","count","price"]},"minItems":1,"maxItems":50},"total":{"type":"number"}},"required":["number","date","vendor","lines","total"]}""")),
        ("strings of at most 200 characters", Schema("""{"type":"object","properties":{"title":{"type":"string","maxLength":60},"summary":{"type":"string","minLength":20,"maxLength":200},"tags":{"type":"array","items":{"type":"string","maxLength":20},"maxItems":8}},"required":["title","summary","tags"]}""")),
        ("pattern and uuid", Schema("""{"type":"object","properties":{"id":{"type":"string","format":"uuid"},"code":{"type":"string","pattern":"^[A-Z]{2,3}-\\d{4}( [a-z]+)?$"}},"required":["id","code"]}""")),
        ("tree ($ref)", Schema("""{"$ref":"#/$defs/n","$defs":{"n":{"type":"object","properties":{"label":{"type":"string"},"kids":{"type":"array","items":{"$ref":"#/$defs/n"},"maxItems":3}},"required":["label","kids"]}}}""")),
        ("json_object", """{"response_format":{"type":"json_object"}}"""),
        ("six tools, required", """{"messages":[{"role":"user","content":"x"}],"tool_choice":"required","tools":[{"type":"function","function":{"name":"get_time","parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}},{"type":"function","function":{"name":"book_room","parameters":{"type":"object","properties":{"room":{"type":"integer"},"date":{"type":"string"}},"required":["room","date"]}}},{"type":"function","function":{"name":"set_timer","parameters":{"type":"object","properties":{"minutes":{"type":"integer"}},"required":["minutes"]}}},{"type":"function","function":{"name":"convert_currency","parameters":{"type":"object","properties":{"amount":{"type":"number"},"source":{"type":"string"},"target":{"type":"string"}},"required":["amount","source","target"]}}},{"type":"function","function":{"name":"translate","parameters":{"type":"object","properties":{"text":{"type":"string"},"language":{"type":"string"}},"required":["text","language"]}}},{"type":"function","function":{"name":"search","parameters":{"type":"object","properties":{"query":{"type":"string"},"limit":{"type":"integer","minimum":1,"maximum":100}},"required":["query"]}}}]}"""),
    ];

    public static void Run()
    {
        var shared = Environment.GetEnvironmentVariable("DRAY_SHARED") ?? throw new InvalidOperationException("Set DRAY_SHARED to the folder with goldens/.");
        var tokenizer = TekkenTokenizer.Load(Path.Combine(shared, "goldens", "tekken", "tekken.json"));
        var vocabulary = new GrammarVocabulary(tokenizer, [tokenizer.Eos]);
        var clock = Stopwatch.StartNew();
        _ = vocabulary.Trie;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Trie of {tokenizer.VocabularySize} tokens: {vocabulary.Trie.Labels.Length} nodes, {clock.Elapsed.TotalMilliseconds:F0} ms, once per engine.\n"));
        foreach (var (_, body) in Cases) Measure(vocabulary, body);

        Console.WriteLine("| schema | compile ms | first answer: tokens | p50 us | p99 us | max us | later answers: tokens | p50 us | p99 us | max us |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        foreach (var (name, body) in Cases)
        {
            var (compile, first, later) = Measure(vocabulary, body);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {compile:F1} | {Row(first)} | {Row(later)} |"));
        }
    }

    private static (double CompileMs, List<double> First, List<double> Later) Measure(GrammarVocabulary vocabulary, string body)
    {
        var parsed = JsonElement.Parse(body);
        var chat = parsed.TryGetProperty("messages", out _) ? ChatRequest.Parse(parsed) : new ChatRequest { Messages = [] };
        var clock = Stopwatch.StartNew();
        var grammar = GrammarCompiler.Compile(StructuredOutput.Parse(parsed, chat), chat.Tools, vocabulary)!;
        var compile = clock.Elapsed.TotalMilliseconds;
        var (first, later) = (new List<double>(), new List<double>());
        for (var answer = 0; answer < Answers; answer++) Write(vocabulary, grammar, new Random(answer), answer == 0 ? first : later);
        return (compile, first, later);
    }

    /// <summary>Writes an answer of random tokens, words more often than not, and ends it where it can end.</summary>
    private static void Write(GrammarVocabulary vocabulary, CompiledGrammar grammar, Random random, List<double> microseconds)
    {
        var constraint = new GrammarConstraint(grammar);
        var logits = new float[vocabulary.Tokenizer.VocabularySize];
        var allowed = new List<int>();
        for (var step = 0; step < 400; step++)
        {
            Array.Clear(logits);
            var start = Stopwatch.GetTimestamp();
            constraint.Mask(logits);
            microseconds.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
            if (constraint.CanEnd) return;
            allowed.Clear();
            for (var id = 0; id < logits.Length; id++)
            {
                if (logits[id] == 0) allowed.Add(id);
            }

            var quotes = allowed.Where(id => vocabulary.Tokenizer.TokenBytes(id).Span.Contains((byte)'"')).ToArray();
            var next = quotes.Length > 0 && random.Next(8) == 0 ? quotes[random.Next(quotes.Length)] : allowed[random.Next(allowed.Count)];
            start = Stopwatch.GetTimestamp();
            constraint.Accept(next);
            microseconds[^1] += Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        }
    }

    private static string Row(List<double> microseconds)
    {
        microseconds.Sort();
        double At(double share) => microseconds[(int)(share * (microseconds.Count - 1))];
        return string.Create(CultureInfo.InvariantCulture, $"{microseconds.Count} | {At(0.5):F0} | {At(0.99):F0} | {At(1):F0}");
    }

    private static string Schema(string schema) => "{\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"x\",\"schema\":" + schema + "}}}";
}
