using Spectre.Console;

namespace Dray.Cli.Terminal;

/// <summary>What <c>dray</c> can do, by task, with a command to begin with: what it shows where nothing is asked of it.</summary>
internal static class Overview
{
    private static readonly (string Task, string Command, string What)[] Tasks =
    [
        ("Try it", "dray run samples/jobs/demo.jsonl", "captions pictures, labels texts and calls tools with the demo model, here and now"),
        ("Run your rows", "dray run jobs.jsonl --model DIR", "OpenAI batch rows in, results in ./dray-out; run it again to go on"),
        ("", "dray validate jobs.jsonl", "checks every row first, and counts tokens"),
        ("Label", "dray label data.csv --prompt FILE", "adds answers about each row of a CSV, JSONL or Parquet file as a column"),
        ("Serve", "dray serve --model DIR", "OpenAI's HTTP interface, and a page to watch batches on, at http://localhost:8000"),
        ("Scale", "dray worker", "works through the queues of RabbitMQ, on as many machines as you like"),
        ("", "dray submit jobs.jsonl", "hands the rows to the workers; dray watch, dray output ID --to DIR"),
        ("", "dray schedules list", "when new pictures of a folder are captioned by themselves"),
        ("Models", "dray inspect DIR", "what a checkpoint is, and the memory it needs"),
        ("", "dray quantize DIR --output OUT", "to W4A16 with AutoRound; dray eval says what it cost"),
        ("Trouble", "dray doctor", "looks at machine, model, broker and store, and says what to do"),
    ];

    /// <summary>Writes the overview; in colour and boxes where <paramref name="isTerminal"/>.</summary>
    public static void Write(TextWriter output, bool isTerminal)
    {
        if (isTerminal) WriteTerminal(output);
        else WritePlain(output);
    }

    private static void WritePlain(TextWriter output)
    {
        output.WriteLine("Dray: batch inference for chat prompts, pictures and tool schemas.");
        output.WriteLine();
        var (tasks, commands) = (Tasks.Max(line => line.Task.Length), Tasks.Max(line => line.Command.Length));
        foreach (var (task, command, what) in Tasks) output.WriteLine($"{task.PadRight(tasks)}  {command.PadRight(commands)}  {what}");
        output.WriteLine();
        output.WriteLine("All commands: dray --help. Options of one: dray COMMAND --help.");
    }

    private static void WriteTerminal(TextWriter output)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        console.MarkupLine("[bold]Dray[/]  batch inference for chat prompts, pictures and tool schemas");
        var table = new Table().Border(TableBorder.Rounded).BorderColor(Color.Grey).HideHeaders();
        table.AddColumn("").AddColumn("").AddColumn("");
        foreach (var (task, command, what) in Tasks)
            table.AddRow(new Markup($"[bold]{Markup.Escape(task)}[/]"), new Markup($"[green]{Markup.Escape(command)}[/]"), new Markup($"[grey]{Markup.Escape(what)}[/]"));
        console.Write(table);
        console.MarkupLine("All commands: [green]dray --help[/]. Options of one: [green]dray COMMAND --help[/].");
    }
}
