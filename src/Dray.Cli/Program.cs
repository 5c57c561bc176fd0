using Dray.Cli;

return await DrayCommandLine.InvokeAsync(args, Console.Out, Console.Error);
