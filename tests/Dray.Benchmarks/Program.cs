using BenchmarkDotNet.Running;
using Dray.Benchmarks.Compute;

if (args is ["kernels", .. var rest]) KernelReport.Run(rest);
else BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
