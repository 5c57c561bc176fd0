using Dray.Inference.Compute.Cpu;

namespace Dray.Inference.Tests.Compute.Cpu;

public sealed class ThreadTeamTests
{
    [Theory]
    [InlineData(1, 1, 100, 7)]
    [InlineData(2, 2, 1000, 1)]
    [InlineData(4, 3, 1001, 16)]
    [InlineData(3, 9, 2, 1)]
    [InlineData(3, 3, 0, 4)]
    public void Run_ManyJobs_DoesEveryItemOnce(int size, int wanted, int items, int grain)
    {
        using var team = new ThreadTeam(size);
        var counts = new int[items];
        for (var i = 0; i < 500; i++) team.Run(new CountingJob(counts, grain), wanted);
        counts.ShouldAllBe(count => count == 500);
    }

    [Fact]
    public void Run_OneThreadHeldUp_OthersDoItsItems()
    {
        using var team = new ThreadTeam(2);
        using var met = new Barrier(2);
        var owners = new int[8];
        team.Run(new HeldUpJob(owners, met), 2);

        // Thread 1 has begun its range with one item and waits in it until thread 0 has done everything else.
        owners.ShouldBe([0, 0, 0, 0, 1, 0, 0, 0]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Run_OneThreadThrows_SurfacesInTheCallerAndTheTeamGoesOn(int failing)
    {
        using var team = new ThreadTeam(2);
        using var met = new Barrier(2);
        Should.Throw<InvalidDataException>(() => team.Run(new FailingJob(failing, met), 2)).Message.ShouldBe($"share {failing}");
        var counts = new int[30];
        team.Run(new CountingJob(counts, 1), 2);
        counts.ShouldAllBe(count => count == 1);
    }

    [Fact]
    public void Run_AfterPausesLongEnoughToSleep_WakesTheThreads()
    {
        using var team = new ThreadTeam(2);
        using var met = new Barrier(2);
        for (var i = 0; i < 20; i++)
        {
            // Far longer than the other thread spins before it sleeps.
            Thread.SpinWait(100_000);
            team.Run(new MeetingJob(met), 2);
        }

        met.CurrentPhaseNumber.ShouldBe(20);
    }

    [Fact]
    public void Run_AfterWarmUp_AllocatesNothing()
    {
        using var team = new ThreadTeam(2);
        var job = new IdleJob();
        for (var i = 0; i < 100; i++) team.Run(job, 2);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++) team.Run(job, 2);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    [Fact]
    public void Run_AfterDispose_Throws()
    {
        var team = new ThreadTeam(2);
        team.Dispose();
        team.Dispose();
        Should.Throw<ObjectDisposedException>(() => team.Run(new IdleJob(), 2));
    }

    private readonly struct CountingJob(int[] counts, int grain) : ITeamJob
    {
        public void Execute(TeamShare share)
        {
            foreach (var (first, end) in share.Of(counts.Length, grain))
            {
                (end - first).ShouldBeInRange(1, share.Threads == 1 ? counts.Length : grain);
                for (var i = first; i < end; i++) Interlocked.Increment(ref counts[i]);
            }
        }
    }

    private readonly struct HeldUpJob(int[] owners, Barrier met) : ITeamJob
    {
        public void Execute(TeamShare share)
        {
            var isFirst = true;
            var done = 0;
            foreach (var (item, _) in share.Of(owners.Length, 1))
            {
                owners[item] = share.Thread;
                if (isFirst) met.SignalAndWait();
                isFirst = false;
                done++;
                if (share.Thread == 1 || done == owners.Length - 1) met.SignalAndWait();
            }
        }
    }

    private readonly struct MeetingJob(Barrier met) : ITeamJob
    {
        public void Execute(TeamShare share) => met.SignalAndWait();
    }

    private readonly struct IdleJob : ITeamJob
    {
        public void Execute(TeamShare share)
        {
        }
    }

    private readonly struct FailingJob(int failing, Barrier met) : ITeamJob
    {
        public void Execute(TeamShare share)
        {
            met.SignalAndWait();
            if (share.Thread == failing) throw new InvalidDataException($"share {failing}");
        }
    }
}
