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

    private readonly Member[] workers;
    private readonly Thread[] threads;
    private readonly ProcessorPlacement placement;
    private readonly Waiter caller = new();
    private readonly Lock gate = new();
    private delegate*<void*, int, int, void> entry;
    private void* job;
    private int shares;
    private int pending;
    private ExceptionDispatchInfo? failure;
    private bool stopping;

    /// <summary>Starts <paramref name="size"/> - 1 threads; a team of one runs everything inline.</summary>
    public ThreadTeam(int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        workers = new Member[size - 1];
        placement = new ProcessorPlacement(size);
        threads = new Thread[size - 1];
        for (var i = 0; i < workers.Length; i++)
        {
            var member = workers[i] = new Member(i + 1);
            threads[i] = new Thread(() => Serve(member)) { IsBackground = true, Name = $"compute {member.Index}" };
            threads[i].Start();
        }
    }

    /// <summary>Gets the number of threads, the caller's included.</summary>
    public int Size => workers.Length + 1;

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

        lock (gate)
        {
            ObjectDisposedException.ThrowIf(stopping, this);
            // The job lives in this frame until every share is done, so its address stays good and what it refers to stays alive.
            job = Unsafe.AsPointer(ref work);
            entry = &Enter<TJob>;
            shares = count;
            failure = null;
            placement.Note(0);
            Volatile.Write(ref pending, count - 1);
            for (var i = 0; i < count - 1; i++) workers[i].Signal();
            Attempt(0);
            caller.Await(ref pending);
            failure?.Throw();
        }
    }

    /// <summary>Ends the threads.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            if (stopping) return;
            stopping = true;
            foreach (var worker in workers) worker.Signal();
        }

        foreach (var thread in threads) thread.Join();
    }

    private static void Enter<TJob>(void* job, int thread, int threads)
        where TJob : struct, ITeamJob => Unsafe.AsRef<TJob>(job).Execute(thread, threads);

    private void Serve(Member member)
    {
        while (true)
        {
            member.AwaitSignal();
            if (stopping) return;
            placement.Separate(member.Index, shares);
            Attempt(member.Index);
            if (Interlocked.Decrement(ref pending) == 0) caller.Wake();
        }
    }

    private void Attempt(int thread)
    {
        try
        {
            entry(job, thread, shares);
        }
#pragma warning disable CA1031 // A share's failure is rethrown on the caller's thread, whatever it is.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(exception), null);
        }
    }

    /// <summary>One thread's wait for a counter to reach zero: spins, then sleeps until woken.</summary>
    private class Waiter
    {
        private readonly object bed = new();
        private int asleep;

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
                Interlocked.Exchange(ref asleep, 1);
                lock (bed)
                {
                    while (Volatile.Read(ref counter) != 0) Monitor.Wait(bed);
                    asleep = 0;
                }
            }
        }

        public void Wake()
        {
            if (Volatile.Read(ref asleep) == 0) return;
            lock (bed) Monitor.Pulse(bed);
        }
    }

    private sealed class Member(int index) : Waiter
    {
        private int idle = 1;

        public int Index => index;

        public void Signal()
        {
            Interlocked.Exchange(ref idle, 0);
            Wake();
        }

        public void AwaitSignal()
        {
            Await(ref idle);
            Volatile.Write(ref idle, 1);
        }
    }
}
