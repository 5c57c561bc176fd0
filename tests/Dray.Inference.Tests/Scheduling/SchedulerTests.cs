using Dray.Inference.Scheduling;

namespace Dray.Inference.Tests.Scheduling;

public sealed class SchedulerTests
{
    private static readonly BlockHash Root = BlockHash.Root("a model");

    [Fact]
    public void Schedule_SeveralPrompts_ShareOneBatchUpToTheBudget()
    {
        var scheduler = new Scheduler(new BlockPool(1000), new SchedulerOptions(100, 8));
        var (first, second, third) = (Prompt(60), Prompt(30), Prompt(50));
        var plan = Step(scheduler, first, second, third);

        Planned(plan).ShouldBe([(first, 60), (second, 30), (third, 10)]);
        (first.OutputIds.Length, third.OutputIds.Length).ShouldBe((1, 0));
    }

    [Fact]
    public void KvBlocksUsed_SequencesComeAndGo_AreTheBlocksTheyHold()
    {
        var scheduler = new Scheduler(new BlockPool(10), new SchedulerOptions(100, 8));
        var (first, second) = (Prompt(33), Prompt(16));

        Step(scheduler, first, second);
        (scheduler.KvBlocks, scheduler.KvBlocksUsed).ShouldBe((10, 4));
        scheduler.Remove(first);
        scheduler.KvBlocksUsed.ShouldBe(1);
        scheduler.Remove(second);
        scheduler.KvBlocksUsed.ShouldBe(0);
    }

    [Fact]
    public void Schedule_AfterPrefill_DecodesFirstAndGoesOnWithTheCutPrompt()
    {
        var scheduler = new Scheduler(new BlockPool(1000), new SchedulerOptions(100, 8));
        var (first, cut, late) = (Prompt(60), Prompt(90), Prompt(500));
        Step(scheduler, first, cut, late);

        Planned(Step(scheduler)).ShouldBe([(first, 1), (cut, 50), (late, 49)]);
        Planned(Step(scheduler)).ShouldBe([(first, 1), (cut, 1), (late, 98)]);
    }

    [Fact]
    public void Schedule_MoreSequencesThanPlaces_TheRestWaits()
    {
        var scheduler = new Scheduler(new BlockPool(1000), new SchedulerOptions(100, 2));

        var plan = Step(scheduler, Prompt(5), Prompt(5), Prompt(5));

        (plan.Sequences.Length, scheduler.Running, scheduler.Waiting).ShouldBe((2, 2, 1));
    }

    [Fact]
    public void Schedule_BlocksRunOut_YoungestIsPutBackAndComputedAgain()
    {
        var pool = new BlockPool(4);
        var scheduler = new Scheduler(pool, new SchedulerOptions(100, 8));
        var (old, young) = (Prompt(32), Prompt(32));
        Step(scheduler, old, young);

        Planned(Step(scheduler)).ShouldBe([(old, 1)]);
        (young.ComputedTokens, young.Blocks.Length, scheduler.Waiting, scheduler.Preemptions, pool.Free).ShouldBe((0, 0, 1, 1L, 1));
    }

    [Fact]
    public void Schedule_BlocksRunOut_TheLessUrgentGivesWayThoughItIsOlder()
    {
        var scheduler = new Scheduler(new BlockPool(4), new SchedulerOptions(100, 8));
        var (old, urgent) = (Prompt(32, priority: RequestPriority.Low), Prompt(32, priority: RequestPriority.High));
        Step(scheduler, old, urgent);

        Planned(Step(scheduler)).ShouldBe([(urgent, 1)]);
        old.Blocks.Length.ShouldBe(0);
    }

    [Fact]
    public void Schedule_SomeoneWaitsForAnAnswer_TheYoungestRowGivesItsPlaceUp()
    {
        var scheduler = new Scheduler(new BlockPool(1000), new SchedulerOptions(100, 2));
        var (old, young) = (Prompt(20), Prompt(20));
        Step(scheduler, old, young);
        var chat = Prompt(5, priority: RequestPriority.Interactive);

        Planned(Step(scheduler, chat)).ShouldBe([(old, 1), (chat, 5)]);
        (scheduler.Running, scheduler.Waiting, scheduler.Preemptions).ShouldBe((2, 1, 1L));

        scheduler.Remove(chat);
        Planned(Step(scheduler)).ShouldBe([(old, 1), (young, 21)]);
    }

    [Fact]
    public void Schedule_SomeoneWaitsForAnAnswerAndBlocksAreShort_RowsGiveTheirsUp()
    {
        var scheduler = new Scheduler(new BlockPool(6), new SchedulerOptions(100, 8));
        var (old, young) = (Prompt(33), Prompt(33));
        Step(scheduler, old, young);
        var chat = Prompt(40, priority: RequestPriority.Interactive);

        Planned(Step(scheduler, chat)).ShouldBe([(old, 1), (chat, 40)]);
        young.Blocks.Length.ShouldBe(0);
    }

    [Fact]
    public void Schedule_MoreAnswersAreWaitedForThanThereArePlaces_NoneOfThemIsPutBack()
    {
        var scheduler = new Scheduler(new BlockPool(1000), new SchedulerOptions(100, 2));
        var (first, second, third) = (Chat(), Chat(), Chat());
        Step(scheduler, Prompt(20), first, second, third);

        Planned(Step(scheduler)).ShouldBe([(first, 1), (second, 1)]);
        scheduler.Preemptions.ShouldBe(0);

        static Sequence Chat() => Prompt(5, priority: RequestPriority.Interactive);
    }

    /// <summary>Rows wait for a full batch where nearly all places decode; who waits for an answer doesn't.</summary>
    [Fact]
    public void Schedule_SomeoneWaitsForAnAnswer_ItsPromptIsComputedAtOnce()
    {
        var scheduler = new Scheduler(new BlockPool(1000), new SchedulerOptions(100, 8) { PrefillFill = 0.95 });
        Step(scheduler, [.. Enumerable.Range(0, 7).Select(_ => Prompt(10))]);
        Step(scheduler, Prompt(60), Prompt(60)).Tokens.ShouldBe(7);

        Step(scheduler, Prompt(5, priority: RequestPriority.Interactive)).Tokens.ShouldBe(12);
    }

    [Fact]
    public void Schedule_Priorities_GoFirstAndKeepOrderAmongThemselves()
    {
        var scheduler = new Scheduler(new BlockPool(1000), new SchedulerOptions(100, 3));
        var (low, normal, high, higher) = (
            Prompt(5, priority: RequestPriority.Low), Prompt(5), Prompt(5, priority: RequestPriority.High), Prompt(5, priority: RequestPriority.High));

        Planned(Step(scheduler, low, normal, high, higher)).ShouldBe([(high, 5), (higher, 5), (normal, 5)]);
    }

    [Fact]
    public void Schedule_ChunkingOff_APromptWaitsForAPassOfItsOwn()
    {
        var scheduler = new Scheduler(new BlockPool(1000), new SchedulerOptions(100, 8) { ChunkedPrefill = false });
        var (first, second) = (Prompt(60), Prompt(60));

        Planned(Step(scheduler, first, second)).ShouldBe([(first, 60)]);
        Planned(Step(scheduler)).ShouldBe([(first, 1), (second, 60)]);
    }

    [Fact]
    public void Schedule_SameBeginning_IsComputedOnceEvenInOneStep()
    {
        var pool = new BlockPool(100);
        var scheduler = new Scheduler(pool, new SchedulerOptions(1000, 8));
        var (first, second) = (Prompt(40, root: Root), Prompt(50, root: Root));

        Planned(Step(scheduler, first, second)).ShouldBe([(first, 40), (second, 18)]);
        second.Blocks[..2].ToArray().ShouldBe(first.Blocks[..2].ToArray());
        second.Blocks[2].ShouldNotBe(first.Blocks[2]);
        (scheduler.SharedTokens, pool.Free).ShouldBe((32, 95));
    }

    [Fact]
    public void Schedule_BeginningOfAFinishedSequence_IsFoundUntilItsBlocksAreNeeded()
    {
        var pool = new BlockPool(4);
        var scheduler = new Scheduler(pool, new SchedulerOptions(1000, 8));
        var first = Prompt(40, root: Root);
        Step(scheduler, first);
        scheduler.Remove(first);
        pool.Free.ShouldBe(4);

        var again = Prompt(40, root: Root);
        Planned(Step(scheduler, again)).ShouldBe([(again, 8)]);
        scheduler.Remove(again);

        var other = Prompt(63, id: 3, root: Root);
        Planned(Step(scheduler, other)).ShouldBe([(other, 63)]);
        scheduler.Remove(other);
        Planned(Step(scheduler, Prompt(40, root: Root)))[0].Tokens.ShouldBe(40);
    }

    [Fact]
    public void Schedule_PromptWhoseLogitsAreRead_IsComputedWhole()
    {
        var scheduler = new Scheduler(new BlockPool(100), new SchedulerOptions(1000, 8));
        var (first, reader) = (Prompt(40, root: Root), new Sequence(Ids(40, 7), [], Root) { ReadsPrompt = true });

        Planned(Step(scheduler, first, reader)).ShouldBe([(first, 40), (reader, 40)]);
    }

    [Fact]
    public void Abandon_AfterAFailedStep_NothingOfItIsShared()
    {
        var pool = new BlockPool(100);
        var scheduler = new Scheduler(pool, new SchedulerOptions(1000, 8));
        scheduler.Add(Prompt(40, root: Root));
        var plan = new StepPlan();
        scheduler.Schedule(plan);

        scheduler.Abandon(plan);

        pool.Free.ShouldBe(100);
        Planned(Step(scheduler, Prompt(40, root: Root)))[0].Tokens.ShouldBe(40);
    }

    /// <summary>A deep queue of prompts of 200 to 2,000 tokens with answers of 20 to 100: prompts are computed in full batches.</summary>
    [Fact]
    public void Schedule_DeepQueue_FillsPrefillBatches()
    {
        var random = new Random(1);
        var scheduler = new Scheduler(new BlockPool(20_000), new SchedulerOptions(8192, 32) { PrefillFill = 0.95 });
        var left = new Dictionary<Sequence, int>();
        for (var i = 0; i < 2000; i++)
        {
            var sequence = Prompt(random.Next(200, 2000));
            left.Add(sequence, random.Next(20, 100));
            scheduler.Add(sequence);
        }

        var (plan, steps) = (new StepPlan(), 0);
        for (; left.Count > 0; steps++)
        {
            scheduler.Schedule(plan);
            Run(plan);
            foreach (var (sequence, _) in plan.Sequences)
            {
                if (sequence.OutputIds.Length < left[sequence]) continue;
                scheduler.Remove(sequence);
                left.Remove(sequence);
            }
        }

        scheduler.MeanPrefillFill.ShouldBeGreaterThan(0.95);

        // The price: places that stay empty until a batch is full. 2,000 answers of 60 tokens in 32 places take 3,750 steps at least.
        steps.ShouldBeLessThan(5_000);
    }

    [Fact]
    public void Schedule_DeepQueueOfShortPrompts_FillsPlacesAtOnce()
    {
        var scheduler = new Scheduler(new BlockPool(1000), new SchedulerOptions(8192, 8) { PrefillFill = 0.95 });
        var first = Enumerable.Range(0, 8).Select(_ => Prompt(20)).ToArray();
        Step(scheduler, [.. first, Prompt(20), Prompt(20)]);
        scheduler.Remove(first[0]);

        Step(scheduler).Sequences.Length.ShouldBe(8);
    }

    [Fact]
    public void Schedule_DeepQueueOfLongPrompts_WaitsForABatchOfThem()
    {
        var scheduler = new Scheduler(new BlockPool(1000), new SchedulerOptions(1000, 8) { PrefillFill = 0.95 });
        var first = Enumerable.Range(0, 8).Select(_ => Prompt(100)).ToArray();
        Step(scheduler, [.. first, .. Enumerable.Range(0, 4).Select(_ => Prompt(600))]);

        scheduler.Remove(first[0]);
        Step(scheduler).Sequences.Length.ShouldBe(7, "one of them does not fill a batch");
        scheduler.Remove(first[1]);
        Step(scheduler).Tokens.ShouldBe(1000, "two of them do");
    }

    private static (Sequence Sequence, int Tokens)[] Planned(StepPlan plan) => [.. plan.Sequences.ToArray().Select(scheduled => (scheduled.Sequence, scheduled.Tokens))];

    private static int[] Ids(int tokens, int id) => [.. Enumerable.Repeat(id, tokens)];

    private static Sequence Prompt(int tokens, int id = 7, RequestPriority priority = RequestPriority.Normal, BlockHash? root = null) =>
        new(Ids(tokens, id), [], root) { Priority = priority };

    /// <summary>Adds sequences, schedules a step and does to its sequences what a model would.</summary>
    private static StepPlan Step(Scheduler scheduler, params Sequence[] arrivals)
    {
        foreach (var sequence in arrivals) scheduler.Add(sequence);
        var plan = new StepPlan();
        scheduler.Schedule(plan);
        var copy = new StepPlan();
        foreach (var (sequence, tokens) in plan.Sequences) copy.Add(sequence, tokens);
        Run(plan);
        return copy;
    }

    private static void Run(StepPlan plan)
    {
        foreach (var scheduled in plan.Sequences)
        {
            scheduled.Sequence.Advance(scheduled.Tokens);
            if (scheduled.Samples) scheduled.Sequence.Append(7);
        }
    }
}
