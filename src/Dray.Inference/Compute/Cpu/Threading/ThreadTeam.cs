using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace Dray.Inference.Compute.Cpu;

/// <summary>
/// A fixed team of threads that work on one job at a time; the caller is thread 0. Between jobs a thread spins for about 50 µs, the
/// time that a forward pass needs from one operation to the next, and then sleeps. Nothing is allocated per job.
/// </summary>
/// <remarks>
/// No thread is waited for that hasn't begun when the work is done: it may have lost its processor to another process. Threads aren't pinned
/// for the same reason: the system may move them where there is room; <see cref="ProcessorPlacement"/> keeps them apart.
/// </remarks>
internal sealed unsafe class ThreadTeam : IDisposable
{
    private static readonly long SpinTicks = Stopwatch.Frequency / 20_000;

    private readonly Thread[] _threads;
    private readonly Sleeper[] _sleepers;
    private readonly ProcessorPlacement _placement;
    private readonly NativeBlock _memory;
    private readonly TeamSeat* _seats;
    private readonly Lock _gate = new();
    private delegate*<void*, TeamShare, void> _entry;
    private void* _job;
    private int _shares;
    private ExceptionDispatchInfo? _failure;
    private volatile bool _stopping;

    /// <summary>Starts <paramref name="size"/> - 1 threads; a team of one runs everything inline.</summary>
    public ThreadTeam(int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        _placement = new ProcessorPlacement(size);
        _memory = new NativeBlock((nuint)(size * sizeof(TeamSeat)));
        _seats = (TeamSeat*)_memory.Pointer;
        _sleepers = new Sleeper[size];
        for (var i = 0; i < size; i++) _sleepers[i] = new Sleeper();
        _threads = new Thread[size - 1];
        for (var i = 1; i < size; i++)
        {
            var index = i;
            _threads[i - 1] = new Thread(() => Serve(index)) { IsBackground = true, Name = $"compute {index}" };
            _threads[i - 1].Start();
        }
    }

    /// <summary>Gets the number of threads, the caller's included.</summary>
    public int Size => _threads.Length + 1;

    /// <summary>Runs the job on at most <paramref name="wanted"/> threads and returns when all that have begun it are done.</summary>
    /// <exception cref="Exception">What a thread threw first; the others have ended too.</exception>
    public void Run<TJob>(TJob work, int wanted)
        where TJob : struct, ITeamJob, allows ref struct
    {
        var count = Math.Min(wanted, Size);
        if (count <= 1)
        {
            work.Execute(TeamShare.Whole);
            return;
        }

        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stopping, this);
            // The job lives in this frame until nobody is at it, so its address stays good and what it refers to stays alive.
            _job = Unsafe.AsPointer(ref work);
            _entry = &Enter<TJob>;
            _shares = count;
            _failure = null;
            _placement.Note(0);
            for (var i = 0; i < count; i++) _seats[i].Taken = 0;
            for (var i = 1; i < count; i++) Call(i);
            Attempt(0);
            for (var i = 1; i < count; i++)
            {
                if (Interlocked.CompareExchange(ref _seats[i].State, TeamSeat.Idle, TeamSeat.Called) == TeamSeat.Busy)
                    _sleepers[0].AwaitChange(ref _seats[i].State, TeamSeat.Busy);
            }

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
            for (var i = 1; i < Size; i++) Call(i);
        }

        foreach (var thread in _threads) thread.Join();
        _memory.Dispose();
    }

    private static void Enter<TJob>(void* job, TeamShare share)
        where TJob : struct, ITeamJob, allows ref struct => Unsafe.AsRef<TJob>(job).Execute(share);

    private void Call(int thread)
    {
        Interlocked.Exchange(ref _seats[thread].State, TeamSeat.Called);
        _sleepers[thread].Wake();
    }

    private void Serve(int thread)
    {
        ref var state = ref _seats[thread].State;
        while (true)
        {
            _sleepers[thread].AwaitChange(ref state, TeamSeat.Idle);
            if (_stopping) return;
            if (Interlocked.CompareExchange(ref state, TeamSeat.Busy, TeamSeat.Called) != TeamSeat.Called) continue;
            _placement.Separate(thread, _shares);
            Attempt(thread);
            Interlocked.Exchange(ref state, TeamSeat.Idle);
            _sleepers[0].Wake();
        }
    }

    private void Attempt(int thread)
    {
        try
        {
            _entry(_job, new TeamShare(_seats, thread, _shares));
        }
#pragma warning disable CA1031 // A share's failure is rethrown on the caller's thread, whatever it is.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(exception), null);
        }
    }

    /// <summary>One thread's wait for a value to change: spins, then sleeps until woken.</summary>
    private sealed class Sleeper
    {
        private const int PollsPerLook = 32;

        private readonly object _bed = new();
        private int _asleep;

        public void AwaitChange(ref int place, int value)
        {
            for (var i = 0; i < PollsPerLook; i++)
            {
                if (Volatile.Read(ref place) != value) return;
                Thread.SpinWait(1);
            }

            var deadline = Stopwatch.GetTimestamp() + SpinTicks;
            for (var i = 0; Volatile.Read(ref place) == value; i++)
            {
                Thread.SpinWait(1);
                if (i % PollsPerLook == 0 && Stopwatch.GetTimestamp() > deadline) Sleep(ref place, value);
            }
        }

        public void Wake()
        {
            if (Volatile.Read(ref _asleep) == 0) return;
            lock (_bed) Monitor.Pulse(_bed);
        }

        private void Sleep(ref int place, int value)
        {
            // Whoever changes the place looks at the flag afterwards, so one of the two sees the other.
            Interlocked.Exchange(ref _asleep, 1);
            lock (_bed)
            {
                while (Volatile.Read(ref place) == value) Monitor.Wait(_bed);
                _asleep = 0;
            }
        }
    }
}
