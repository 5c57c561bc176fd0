using System.Runtime.InteropServices;
using System.Text.Json;
using Dray.Inference.Compute;
using Dray.Inference.Models;
using Dray.Inference.Scheduling;

namespace Dray.Inference.Tests.Models;

/// <summary>Every layer, the logits and greedy continuations of the tiny checkpoints against upstream's, in float32. A backend joins with one derived class.</summary>
public abstract class ModelGoldens
{
    /// <summary>Gets the tiny checkpoints.</summary>
    public static TheoryData<string> Checkpoints { get; } = ["hd64-bf16", "hd64-w4a16", "hd128-w4a16"];

    /// <summary>Gets the most that ||a − b|| / ||b|| may be.</summary>
    protected virtual double Tolerance => 2e-3;

    /// <summary>Gets how near the logits of two tokens must be for them to change places.</summary>
    protected virtual double NearTie => 0.02;

    /// <summary>Gets the longest prompt that is continued, in tokens.</summary>
    protected virtual int LongestContinued => int.MaxValue;

    /// <summary>Creates the backend, or skips the test where the machine has no such device.</summary>
    protected abstract IComputeBackend Create();

    [Theory]
    [MemberData(nameof(Checkpoints))]
    public void Forward_GoldenPrompts_EveryTensorIsUpstreams(string checkpoint)
    {
        using var golden = new GoldenModel(checkpoint, Create());
        foreach (var prompt in golden.Prompts)
        {
            var compared = Compare(golden, prompt);
            compared.ShouldBeGreaterThanOrEqualTo(6);
        }
    }

    [Theory]
    [MemberData(nameof(Checkpoints))]
    public void Run_GoldenPrompts_GreedyContinuationIsUpstreams(string checkpoint)
    {
        using var golden = new GoldenModel(checkpoint, Create());
        using var runner = new ModelRunner(golden.Backend, golden.Model, golden.NewCache(64));
        foreach (var prompt in golden.Prompts)
        {
            var name = prompt.GetProperty("name").GetString()!;
            if (golden.Ids(name).Length > LongestContinued) continue;
            var sequence = new Sequence(golden.Ids(name), golden.Images(name));
            var pool = new BlockPool(64);
            var scheduler = new Scheduler(pool, new SchedulerOptions(256, 1));
            scheduler.Add(sequence);
            var expected = prompt.GetProperty("greedy").Ints();
            var gaps = prompt.GetProperty("greedy_top2_gap").EnumerateArray().Select(gap => gap.GetDouble()).ToArray();
            var plan = new StepPlan();
            while (sequence.OutputIds.Length < expected.Length)
            {
                scheduler.Schedule(plan);
                var logits = runner.Run(plan);
                if (logits.Rows == 0) continue;
                sequence.Append(ArgMax(logits.Row(0)));
                var step = sequence.OutputIds.Length - 1;
                if (sequence.OutputIds[step] == expected[step]) continue;
                gaps[step].ShouldBeLessThan(NearTie, $"{checkpoint}, {name}, step {step}");
                break;
            }
        }
    }

    /// <summary>Runs one prompt in a single pass and compares everything that the golden has of it; returns how many tensors.</summary>
    private int Compare(GoldenModel golden, JsonElement prompt)
    {
        var (name, compared) = (prompt.GetProperty("name").GetString()!, 0);
        var ids = golden.Ids(name);
        var hidden = Range(prompt.GetProperty("hidden_positions"));

        void Check(string field, Tensor tensor, int[]? rows = null)
        {
            if (!golden.Has($"{name}.{field}")) return;
            var all = new float[tensor.Rows * tensor.Columns];
            golden.Backend.Download(tensor, all);
            var values = rows is null ? all : rows.SelectMany(row => all.AsSpan(row * tensor.Columns, tensor.Columns).ToArray()).ToArray();
            Distance(values, golden.Tensor($"{name}.{field}")).ShouldBeLessThan(Tolerance, $"{name}.{field}");
            compared++;
        }

        golden.Model.Trace = (field, tensor) => Check(field, tensor, field.StartsWith("layer.", StringComparison.Ordinal) ? hidden : null);
        var layout = new AttentionLayout();
        layout.Add([.. Enumerable.Range(0, (ids.Length + 15) / 16)], 0, ids.Length);
        using var cache = golden.NewCache((ids.Length + 15) / 16);
        var x = golden.Model.Decoder.Embed(ids);
        Check("embed_tokens", x, hidden);
        if (golden.Pictures(name) is { Count: > 0 } pictures)
        {
            float[] patches = [.. pictures.SelectMany(picture => picture.Pixels.ToArray())];
            using var embeddings = golden.Model.EncodeImages(patches, [.. pictures.Select(picture => picture.Grid)]);
            var (rows, tokens) = (new List<int>(), new List<int>());
            foreach (var image in golden.Images(name)) image.Collect(0, ids.Length, rows, tokens);
            golden.Backend.ScatterRows(embeddings.View, CollectionsMarshal.AsSpan(tokens), x);
        }

        Check("inputs_embeds", x, hidden);
        golden.Model.Decoder.Forward(x, [.. Enumerable.Range(0, ids.Length)], cache, layout);
        golden.Model.Decoder.Logits(x, hidden);
        golden.Model.Trace = null;
        Check("logits", golden.Model.Decoder.Logits(x, Range(prompt.GetProperty("logit_positions"))));
        return compared;
    }

    private static int[] Range(JsonElement bounds) => [.. Enumerable.Range(bounds[0].GetInt32(), bounds[1].GetInt32() - bounds[0].GetInt32())];

    private static double Distance(float[] actual, float[] expected)
    {
        actual.Length.ShouldBe(expected.Length);
        var (difference, norm) = (0.0, 0.0);
        for (var i = 0; i < actual.Length; i++)
        {
            difference += Math.Pow((double)actual[i] - expected[i], 2);
            norm += Math.Pow(expected[i], 2);
        }

        return Math.Sqrt(difference / norm);
    }

    private static int ArgMax(ReadOnlySpan<float> logits)
    {
        var best = 0;
        for (var i = 1; i < logits.Length; i++)
        {
            if (logits[i] > logits[best]) best = i;
        }

        return best;
    }
}
