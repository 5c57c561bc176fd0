using Dray.Inference.Compute.Cpu;

namespace Dray.Inference.Tests.Compute.Cpu;

public sealed class ThreadTeamTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(4, 3)]
    [InlineData(3, 9)]
    public void Run_ManyJobs_DoesEveryShareOnceOnItsOwnThread(int size, int wanted)
    {
        using var team = new ThreadTeam(size);
        var shares = Math.Min(size, wanted);
        var counts = new int[shares];
        var owners = new int[shares];
        for (var i = 0; i < 500; i++) team.Run(new CountingJob(counts, owners), wanted);
        counts.ShouldAllBe(count => count == 500);
        owners.Distinct().Count().ShouldBe(shares);
        owners[0].ShouldBe(Environment.CurrentManagedThreadId);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Run_OneShareThrows_SurfacesInTheCallerAndTheTeamGoesOn(int failing)
    {
        using var team = new ThreadTeam(3);
        Should.Throw<InvalidDataException>(() => team.Run(new FailingJob(failing), 3)).Message.ShouldBe($"share {failing}");
        var counts = new int[3];
        team.Run(new CountingJob(counts, new int[3]), 3);
        counts.ShouldBe([1, 1, 1]);
    }

    [Fact]
    public void Run_AfterPausesLongEnoughToSleep_WakesTheThreads()
    {
        using var team = new ThreadTeam(2);
        var counts = new int[2];
        for (var i = 0; i < 20; i++)
        {
            // Far longer than the other thread spins before it sleeps.
            Thread.SpinWait(100_000);
            team.Run(new CountingJob(counts, new int[2]), 2);
        }

        counts.ShouldBe([20, 20]);
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
        Should.Throw<ObjectDisposedException>(() => team.Run(new FailingJob(9), 2));
    }

    private readonly struct CountingJob(int[] counts, int[] owners) : ITeamJob
    {
        public void Execute(int thread, int threads)
        {
            threads.ShouldBe(counts.Length);
            Interlocked.Increment(ref counts[thread]);
            owners[thread] = Environment.CurrentManagedThreadId;
        }
    }

    private readonly struct IdleJob : ITeamJob
    {
        public void Execute(int thread, int threads)
        {
        }
    }

    private readonly struct FailingJob(int failing) : ITeamJob
    {
        public void Execute(int thread, int threads)
        {
            if (thread == failing) throw new InvalidDataException($"share {thread}");
        }
    }
}
