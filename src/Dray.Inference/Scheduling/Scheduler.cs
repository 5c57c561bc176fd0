namespace Dray.Inference.Scheduling;

/// <summary>
/// Continuous batching with chunked prefill: every step takes the running sequences first, oldest first (one token each while they
/// decode), then fills the token budget with the prompts that wait, cutting the last one if it doesn't fit. When blocks run out the
/// youngest running sequence is put back and computed again later. Knows counts and blocks, never tensors.
/// </summary>
internal sealed class Scheduler(BlockPool pool, int maxBatchedTokens, int maxSequences)
{
    private readonly List<Sequence> _running = [];
    private readonly LinkedList<Sequence> _waiting = [];

    /// <summary>Gets the number of sequences that hold blocks.</summary>
    public int Running => _running.Count;

    /// <summary>Gets the number of sequences that wait for a place.</summary>
    public int Waiting => _waiting.Count;

    /// <summary>Gets how often a sequence was put back for lack of blocks.</summary>
    public long Preemptions { get; private set; }

    /// <summary>Queues a sequence behind all others.</summary>
    public void Add(Sequence sequence) => _waiting.AddLast(sequence);

    /// <summary>Takes a sequence out, finished or not, and frees its blocks.</summary>
    public void Remove(Sequence sequence)
    {
        if (!_running.Remove(sequence)) _waiting.Remove(sequence);
        sequence.Release(pool);
    }

    /// <summary>Fills <paramref name="plan"/> with the next step; empty when nothing is left to do.</summary>
    public void Schedule(StepPlan plan)
    {
        plan.Clear();
        var preempted = false;
        for (var i = 0; i < _running.Count && plan.Tokens < maxBatchedTokens; i++)
        {
            var sequence = _running[i];
            var tokens = Math.Min(sequence.Tokens - sequence.ComputedTokens, maxBatchedTokens - plan.Tokens);
            while (!sequence.TryReserve(sequence.ComputedTokens + tokens, pool))
            {
                preempted = true;
                if (Preempt() == sequence) break;
            }

            if (i < _running.Count) plan.Add(sequence, tokens);
        }

        if (preempted) return;
        while (_waiting.First is { Value: var next } && _running.Count < maxSequences && plan.Tokens < maxBatchedTokens)
        {
            var tokens = Math.Min(next.Tokens, maxBatchedTokens - plan.Tokens);
            if (!next.TryReserve(tokens, pool))
            {
                next.Release(pool);
                break;
            }

            _waiting.RemoveFirst();
            _running.Add(next);
            plan.Add(next, tokens);
        }
    }

    /// <summary>Puts the youngest running sequence back to the head of the queue.</summary>
    private Sequence Preempt()
    {
        var youngest = _running[^1];
        if (_running.Count == 1)
            throw new InvalidOperationException($"A sequence of {youngest.Tokens} tokens does not fit into {pool.Total} KV blocks; it should not have been admitted.");
        _running.RemoveAt(_running.Count - 1);
        youngest.Release(pool);
        _waiting.AddFirst(youngest);
        Preemptions++;
        return youngest;
    }
}
