using Dray.Inference.Compute;

namespace Dray.Inference.Scheduling;

/// <summary>
/// Continuous batching with chunked prefill. A step takes the sequences that decode, then fills the token budget with prompts: those begun
/// first, then those that wait, by priority and arrival, cutting the last one if it doesn't fit. When blocks run out the least urgent and
/// youngest running sequence is put back and computed again later. Knows counts and blocks, never tensors.
/// </summary>
internal sealed class Scheduler(BlockPool pool, SchedulerOptions options)
{
    private readonly WaitingQueue _waiting = new();

    // By priority, then arrival: the last one gives way when blocks run out.
    private readonly List<Sequence> _running = [];
    private long _arrivals;
    private double _prefillFill;
    private long _prefillSteps;

    /// <summary>Gets the number of sequences that hold a place.</summary>
    public int Running => _running.Count;

    /// <summary>Gets the number of sequences that wait for a place.</summary>
    public int Waiting => _waiting.Count;

    /// <summary>Gets the number of KV blocks.</summary>
    public int KvBlocks => pool.Total;

    /// <summary>Gets the number of KV blocks that sequences hold.</summary>
    public int KvBlocksUsed => pool.Total - pool.Free;

    /// <summary>Gets how often a sequence was put back for lack of blocks.</summary>
    public long Preemptions { get; private set; }

    /// <summary>Gets the tokens that did not have to be computed because another sequence had the same beginning.</summary>
    public long SharedTokens { get; private set; }

    /// <summary>Gets the mean fill of the token budget over steps that computed prompts while more waited; NaN before the first.</summary>
    public double MeanPrefillFill => _prefillSteps == 0 ? double.NaN : _prefillFill / _prefillSteps;

    /// <summary>Queues a sequence.</summary>
    public void Add(Sequence sequence)
    {
        sequence.Arrival = _arrivals++;
        _waiting.AddLast(sequence);
    }

    /// <summary>Takes a sequence out, finished or not, and frees its blocks.</summary>
    public void Remove(Sequence sequence)
    {
        if (!_running.Remove(sequence)) _waiting.Remove(sequence);
        sequence.Release(pool);
    }

    /// <summary>After a step that failed: takes its sequences out, and nothing they may have half written is shared.</summary>
    public void Abandon(StepPlan plan)
    {
        pool.ForgetNames();
        foreach (var (sequence, _) in plan.Sequences) Remove(sequence);
    }

    /// <summary>Fills <paramref name="plan"/> with the next step; empty when nothing is left to do.</summary>
    public void Schedule(StepPlan plan)
    {
        plan.Clear();
        MakeRoom();
        var preemptions = Preemptions;
        PlanRunning(plan, decodes: true);
        if (plan.Tokens > 0 && !WorthPrefilling(plan)) return;
        var decoded = plan.Tokens;
        PlanRunning(plan, decodes: false);

        // Blocks are short: what was put back just now would be taken in again.
        if (Preemptions == preemptions) PlanWaiting(plan);
        if (plan.Tokens == decoded || _waiting.Count == 0) return;
        _prefillFill += (double)plan.Tokens / options.MaxBatchedTokens;
        _prefillSteps++;
    }

    /// <summary>Puts rows back for interactive sequences that find no place or no blocks. What a row has computed stays in the prefix cache while there is room.</summary>
    private void MakeRoom()
    {
        if (_waiting.Interactive == 0) return;
        while (_running is [.., { Priority: < RequestPriority.Interactive }])
        {
            var wanted = Math.Min(_waiting.First!.PendingTokens, options.MaxBatchedTokens);
            if (_running.Count + _waiting.Interactive <= options.MaxSequences && (long)pool.Free * KvCache.BlockTokens >= wanted) return;
            PutBack(_running.Count - 1);
        }
    }

    private void PlanRunning(StepPlan plan, bool decodes)
    {
        for (var i = 0; i < _running.Count && plan.Tokens < options.MaxBatchedTokens; i++)
        {
            var sequence = _running[i];
            if (sequence.PendingTokens == 1 != decodes) continue;
            var tokens = Math.Min(sequence.PendingTokens, options.MaxBatchedTokens - plan.Tokens);
            if (Reserve(plan, i, tokens)) Plan(plan, sequence, tokens);
        }
    }

    /// <summary>Makes room for a running sequence, at the cost of those behind it that are not in the plan; false when it must wait or was put back itself.</summary>
    private bool Reserve(StepPlan plan, int index, int tokens)
    {
        var sequence = _running[index];
        while (!sequence.TryReserve(sequence.ComputedTokens + tokens, pool))
        {
            var victim = _running.Count - 1;
            while (victim > index && plan.Contains(_running[victim])) victim--;
            if (victim == index && plan.Tokens > 0) return false;
            if (victim == index && _running.Count == 1)
                throw new InvalidOperationException($"A sequence of {sequence.Tokens} tokens does not fit into {pool.Total} KV blocks; it should not have been admitted.");
            PutBack(victim);
            if (victim == index) return false;
        }

        return true;
    }

    private void PutBack(int index)
    {
        var sequence = _running[index];
        _running.RemoveAt(index);
        sequence.Release(pool);
        _waiting.AddFirst(sequence);
        Preemptions++;
    }

    private void PlanWaiting(StepPlan plan)
    {
        while (_waiting.First is { } next && _running.Count < options.MaxSequences && plan.Tokens < options.MaxBatchedTokens)
        {
            var shared = next.Share(pool);
            var room = options.MaxBatchedTokens - plan.Tokens;
            var tokens = Math.Min(next.PendingTokens, room);
            var whole = options.ChunkedPrefill || next.PendingTokens <= room;
            if (!whole || !next.TryReserve(next.ComputedTokens + tokens, pool))
            {
                next.Release(pool);
                return;
            }

            SharedTokens += shared;
            _waiting.RemoveFirst();
            Insert(next);
            Plan(plan, next, tokens);
        }
    }

    private void Plan(StepPlan plan, Sequence sequence, int tokens)
    {
        sequence.Offer(tokens, pool);
        plan.Add(sequence, tokens);
    }

    private void Insert(Sequence sequence)
    {
        var index = _running.Count;
        while (index > 0 && WaitingQueue.Before(sequence, _running[index - 1])) index--;
        _running.Insert(index, sequence);
    }

    /// <summary>
    /// While nearly all places decode, prompts wait until enough of them are there to fill a batch; unless they are so short that the
    /// places they may wait for would not hold half of it, or someone waits for an answer.
    /// </summary>
    private bool WorthPrefilling(StepPlan plan)
    {
        var (free, patience) = (options.MaxSequences - _running.Count, options.MaxSequences / 4);
        if (options.PrefillFill <= 0 || _waiting.Count <= free || free > patience || _waiting.Interactive > 0) return true;
        var missing = (options.PrefillFill * options.MaxBatchedTokens) - plan.Tokens;
        foreach (var sequence in _running)
        {
            if (sequence.PendingTokens > 1) missing -= sequence.PendingTokens;
        }

        return missing <= 0 || _waiting.HasTokens(missing, free) || !_waiting.HasTokens(missing / 2, patience);
    }
}
