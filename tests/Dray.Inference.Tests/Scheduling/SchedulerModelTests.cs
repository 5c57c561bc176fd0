using CsCheck;
using Dray.Inference.Compute;
using Dray.Inference.Scheduling;

namespace Dray.Inference.Tests.Scheduling;

/// <summary>
/// Drives the scheduler with random arrivals, lengths, shared beginnings, priorities, cancellations, failed steps and block shortages, with a
/// cache of token ids in place of tensors, and holds it to what must always be true. 100,000 requests in all.
/// </summary>
public sealed class SchedulerModelTests
{
    private const int Simulations = 500;
    private const int RequestsEach = 200;

    private static readonly Gen<Setup> Setups = Gen.Select(
        Gen.Int[8, 60], Gen.Int[1, 12], Gen.Int[1, 200], Gen.Bool, Gen.Int[0, 2].Select(third => third * 0.475), Gen.Bool, Gen.Int,
        (blocks, places, budget, caching, fill, chunking, seed) => new Setup(blocks, places, budget, caching, fill, chunking, seed));

    [Fact]
    public void Schedule_RandomWork_KeepsItsInvariants() => Setups.Sample(setup => new Simulation(setup).Run(), iter: Simulations, threads: 1);

    private sealed record Setup(int Blocks, int Places, int Budget, bool Caching, double Fill, bool Chunking, int Seed);

    private sealed class Simulation
    {
        private readonly Setup _setup;
        private readonly Random _random;
        private readonly BlockPool _pool;
        private readonly Scheduler _scheduler;
        private readonly StepPlan _plan = new();
        private readonly int[] _cache;
        private readonly Dictionary<Sequence, int> _left = [];
        private int _arrived;
        private int _ended;

        public Simulation(Setup setup)
        {
            // Without chunking a prompt must fit into the budget, also when it is computed again with its answer.
            _setup = setup.Chunking ? setup : setup with { Budget = Math.Max(setup.Budget, setup.Blocks * KvCache.BlockTokens) };
            _random = new Random(setup.Seed);
            _pool = new BlockPool(setup.Blocks);
            _scheduler = new Scheduler(_pool, new SchedulerOptions(_setup.Budget, setup.Places) { ChunkedPrefill = setup.Chunking, PrefillFill = setup.Fill });
            _cache = new int[setup.Blocks * KvCache.BlockTokens];
        }

        public void Run()
        {
            for (var steps = 0; _ended < RequestsEach; steps++)
            {
                Assert.True(steps < 200_000, "The scheduler makes no progress.");
                Arrive();
                _scheduler.Schedule(_plan);
                CheckLimits();
                if (_random.Next(500) == 0) Fail();
                else Compute();
                Cancel();
            }

            Assert.Equal((_setup.Blocks, 0, 0), (_pool.Free, _scheduler.Running, _scheduler.Waiting));
        }

        private void Arrive()
        {
            for (var burst = _random.Next(6); burst > 0 && _arrived < RequestsEach; burst--, _arrived++)
            {
                var most = (_setup.Blocks * KvCache.BlockTokens) - 1;
                var prompt = _random.Next(1, Math.Min(most, 120));
                var shared = _random.Next(4) * 20;
                var ids = Enumerable.Range(0, prompt).Select(i => i < shared ? 1000 + i : _random.Next(1000)).ToArray();
                var sequence = new Sequence(ids, [], _setup.Caching ? BlockHash.Root("m") : null) { Priority = (RequestPriority)_random.Next(-1, 3) };
                _left.Add(sequence, _random.Next(1, Math.Min(40, most - prompt + 2)));
                _scheduler.Add(sequence);
            }
        }

        private void CheckLimits()
        {
            Assert.True(_plan.Tokens <= _setup.Budget && _scheduler.Running <= _setup.Places);
            Assert.True(_plan.Tokens > 0 || _left.Count == 0, "Work is left, but none is planned.");
            var (tokens, decodes, seen) = (0, true, new HashSet<Sequence>());
            foreach (var (sequence, count) in _plan.Sequences)
            {
                Assert.True(_left.ContainsKey(sequence) && seen.Add(sequence) && count is > 0 && count <= sequence.PendingTokens);
                Assert.True(sequence.Blocks.Length * KvCache.BlockTokens >= sequence.ComputedTokens + count);
                Assert.True(decodes || sequence.PendingTokens > 1 || sequence.PromptTokens == 1 || sequence.ComputedTokens % KvCache.BlockTokens == 0, "A decode stands behind a prefill.");
                decodes &= sequence.PendingTokens == 1;
                tokens += count;
            }

            Assert.Equal(_plan.Tokens, tokens);
            var held = _left.Keys.SelectMany(sequence => sequence.Blocks.ToArray()).Distinct().Count();
            Assert.Equal(_setup.Blocks, held + _pool.Free);
        }

        /// <summary>Writes the step's tokens into the cache, then reads every context back, as a layer does.</summary>
        private void Compute()
        {
            foreach (var (sequence, count) in _plan.Sequences)
            {
                for (var position = sequence.ComputedTokens; position < sequence.ComputedTokens + count; position++)
                    _cache[Slot(sequence, position)] = sequence.Ids[position];
            }

            foreach (var (sequence, count) in _plan.Sequences)
            {
                for (var position = 0; position < sequence.ComputedTokens + count; position++)
                    Assert.True(_cache[Slot(sequence, position)] == sequence.Ids[position], "A sequence reads what is not its own.");
            }

            foreach (var scheduled in _plan.Sequences)
            {
                scheduled.Sequence.Advance(scheduled.Tokens);
                if (!scheduled.Samples) continue;
                scheduled.Sequence.Append(_random.Next(1000));
                if (--_left[scheduled.Sequence] == 0) End(scheduled.Sequence);
            }
        }

        private void Fail()
        {
            foreach (var (sequence, count) in _plan.Sequences)
            {
                _left.Remove(sequence);
                _ended++;
                for (var position = sequence.ComputedTokens; position < sequence.ComputedTokens + count; position++) _cache[Slot(sequence, position)] = -1;
            }

            _scheduler.Abandon(_plan);
        }

        private void Cancel()
        {
            if (_left.Count > 0 && _random.Next(40) == 0) End(_left.Keys.ElementAt(_random.Next(_left.Count)));
        }

        private void End(Sequence sequence)
        {
            Assert.True(_left.Remove(sequence), "A request ends twice.");
            _scheduler.Remove(sequence);
            Assert.Equal(0, sequence.Blocks.Length);
            _ended++;
        }

        private static int Slot(Sequence sequence, int position) =>
            (sequence.Blocks[position / KvCache.BlockTokens] * KvCache.BlockTokens) + (position % KvCache.BlockTokens);
    }
}
