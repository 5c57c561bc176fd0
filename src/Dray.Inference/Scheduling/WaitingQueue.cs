namespace Dray.Inference.Scheduling;

/// <summary>Sequences that wait for a place: by priority, then in order of arrival.</summary>
internal sealed class WaitingQueue
{
    private readonly LinkedList<Sequence>[] _queues = [new(), new(), new(), new()];

    /// <summary>Gets the number of sequences.</summary>
    public int Count { get; private set; }

    /// <summary>Gets the next sequence, or null.</summary>
    public Sequence? First
    {
        get
        {
            foreach (var queue in _queues)
            {
                if (queue.First is { } node) return node.Value;
            }

            return null;
        }
    }

    /// <summary>Gets the number of sequences that are interactive.</summary>
    public int Interactive => _queues[0].Count;

    /// <summary>Whether <paramref name="sequence"/> goes before <paramref name="other"/>.</summary>
    public static bool Before(Sequence sequence, Sequence other) =>
        sequence.Priority != other.Priority ? sequence.Priority > other.Priority : sequence.Arrival < other.Arrival;

    /// <summary>Adds a sequence behind those of its priority.</summary>
    public void AddLast(Sequence sequence)
    {
        QueueOf(sequence).AddLast(sequence);
        Count++;
    }

    /// <summary>Puts a sequence back where its arrival belongs, which is at or near the front.</summary>
    public void AddFirst(Sequence sequence)
    {
        var queue = QueueOf(sequence);
        var node = queue.First;
        while (node is not null && Before(node.Value, sequence)) node = node.Next;
        if (node is null) queue.AddLast(sequence);
        else queue.AddBefore(node, sequence);
        Count++;
    }

    /// <summary>Takes the next sequence out.</summary>
    public void RemoveFirst() => Remove(First ?? throw new InvalidOperationException("No sequence waits."));

    /// <summary>Takes a sequence out, if it is there.</summary>
    public void Remove(Sequence sequence)
    {
        if (QueueOf(sequence).Remove(sequence)) Count--;
    }

    /// <summary>Whether the next <paramref name="sequences"/> sequences have <paramref name="tokens"/> tokens to compute.</summary>
    public bool HasTokens(double tokens, int sequences)
    {
        foreach (var queue in _queues)
        {
            for (var node = queue.First; node is not null; node = node.Next)
            {
                if (sequences-- == 0) return false;
                if ((tokens -= node.Value.PendingTokens) <= 0) return true;
            }
        }

        return false;
    }

    private LinkedList<Sequence> QueueOf(Sequence sequence) => _queues[RequestPriority.Interactive - sequence.Priority];
}
