using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace Dray.Inference.Compute.Cpu;

/// <summary>
/// A fixed team of threads that run shares of one job at a time; the caller is thread 0. Between jobs a thread spins for about 50 µs, the
/// time that a forward pass needs from one operation to the next, and then sleeps. Nothing is allocated per job.
/// </summary>
internal sealed unsafe class ThreadTeam : IDisposable
{
    private static readonly long SpinTicks = Stopwatch.Frequency / 20_000;

    private readonly Member[] _workers;
    private readonly Thread[] _threads;
    private readonly ProcessorPlacement _placement;
    private readonly Waiter _caller = new();
    private readonly Lock _gate = new();
    private delegate*<void*, int, int, void> _entry;
    private void* _job;
    private int _shares;
    private int _pending;
    private ExceptionDispatchInfo? _failure;
    private bool _stopping;

    /// <summary>Starts <paramref name="size"/> - 1 threads; a team of one runs everything inline.</summary>
    public ThreadTeam(int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        _workers = new Member[size - 1];
        _placement = new ProcessorPlacement(size);
        _threads = new Thread[size - 1];
        for (var i = 0; i < _workers.Length; i++)
        {
            var member = _workers[i] = new Member(i + 1);
            _threads[i] = new Thread(() => Serve(member)) { IsBackground = true, Name = $"compute {member.Index}" };
            _threads[i].Start();
        }
    }

    /// <summary>Gets the number of threads, the caller's included.</summary>
    public int Size => _workers.Length + 1;

    /// <summary>Runs the job on at most <paramref name="wanted"/> threads and returns when all shares are done.</summary>
    /// <exception cref="Exception">What a share threw first; the other shares have ended too.</exception>
    public void Run<TJob>(TJob work, int wanted)
        where TJob : struct, ITeamJob
    {
        var count = Math.Min(wanted, Size);
        if (count <= 1)
        {
            work.Execute(0, 1);
            return;
        }

        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stopping, this);
            // The job lives in this frame until every share is done, so its address stays good and what it refers to stays alive.
            _job = Unsafe.AsPointer(ref work);
            _entry = &Enter<TJob>;
            _shares = count;
            _failure = null;
            _placement.Note(0);
            Volatile.Write(ref _pending, count - 1);
            for (var i = 0; i < count - 1; i++) _workers[i].Signal();
            Attempt(0);
            _caller.Await(ref _pending);
            _failure?.Throw();
        }
    }

    /// <summary>Ends the threads.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_stopping) return;
            _stopping = true;
            foreach (var worker in _workers) worker.Signal();
        }

        foreach (var thread in _threads) thread.Join();
    }

    private static void Enter<TJob>(void* job, int thread, int threads)
        where TJob : struct, ITeamJob => Unsafe.AsRef<TJob>(job).Execute(thread, threads);

    private void Serve(Member member)
    {
        while (true)
        {
            member.AwaitSignal();
            if (_stopping) return;
            _placement.Separate(member.Index, _shares);
            Attempt(member.Index);
            if (Interlocked.Decrement(ref _pending) == 0) _caller.Wake();
        }
    }

    private void Attempt(int thread)
    {
        try
        {
            _entry(_job, thread, _shares);
        }
#pragma warning disable CA1031 // A share's failure is rethrown on the caller's thread, whatever it is.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(exception), null);
        }
    }

    /// <summary>One thread's wait for a counter to reach zero: spins, then sleeps until woken.</summary>
    private class Waiter
    {
        private readonly object _bed = new();
        private int _asleep;

        public void Await(ref int counter)
        {
            var deadline = Stopwatch.GetTimestamp() + SpinTicks;
            while (Volatile.Read(ref counter) != 0)
            {
                if (Stopwatch.GetTimestamp() < deadline)
                {
                    Thread.SpinWait(16);
                    continue;
                }

                // Whoever changes the counter looks at the flag afterwards, so one of the two sees the other.
                Interlocked.Exchange(ref _asleep, 1);
                lock (_bed)
                {
                    while (Volatile.Read(ref counter) != 0) Monitor.Wait(_bed);
                    _asleep = 0;
                }
            }
        }

        public void Wake()
        {
            if (Volatile.Read(ref _asleep) == 0) return;
            lock (_bed) Monitor.Pulse(_bed);
        }
    }

    private sealed class Member(int index) : Waiter
    {
        private int _idle = 1;

        public int Index => index;

        public void Signal()
        {
            Interlocked.Exchange(ref _idle, 0);
            Wake();
        }

        public void AwaitSignal()
        {
            Await(ref _idle);
            Volatile.Write(ref _idle, 1);
        }
    }
}
