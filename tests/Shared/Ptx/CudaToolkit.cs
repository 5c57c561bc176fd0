using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Dray.Tests.Ptx;

/// <summary>NVIDIA's assembler and disassembler, where a CUDA toolkit is installed. No GPU is needed to run them.</summary>
internal sealed partial class CudaToolkit
{
    // The version that the kernels are emitted for, PTX 7.8, is the one of CUDA 11.8.
    private static readonly Version Oldest = new(11, 8);

    private readonly string _ptxas;
    private readonly string? _nvdisasm;
    private readonly string? _cuobjdump;

    private CudaToolkit(string ptxas, string? nvdisasm, string? cuobjdump)
    {
        (_ptxas, _nvdisasm, _cuobjdump) = (ptxas, nvdisasm, cuobjdump);
        Release = Version.Parse(Number().Match(Run(ptxas, "--version").Output).Groups[1].Value);
        Architectures = [.. Architecture().Matches(Run(ptxas, "--help").Output).Select(match => match.Groups[1].Value).Distinct()];
    }

    /// <summary>Gets the toolkit's release, such as 12.4.</summary>
    public Version Release { get; }

    /// <summary>Gets the architectures that it assembles for, such as <c>sm_90</c>.</summary>
    public IReadOnlyList<string> Architectures { get; }

    /// <summary>Gets whether machine code can be read, too.</summary>
    public bool Disassembles => _nvdisasm is not null || _cuobjdump is not null;

    /// <summary>The toolkit, or why there is none to use.</summary>
    public static (CudaToolkit? Toolkit, string? Reason) Find()
    {
        foreach (var folder in Folders())
        {
            if (Tool(folder, "ptxas") is not { } ptxas) continue;
            var toolkit = new CudaToolkit(ptxas, Tool(folder, "nvdisasm"), Tool(folder, "cuobjdump"));
            if (toolkit.Release >= Oldest) return (toolkit, null);
            return (null, $"the CUDA toolkit in {folder} is of release {toolkit.Release}; {Oldest} or later is needed");
        }

        return (null, "no CUDA toolkit (ptxas) was found in $CUDA_HOME, $CUDA_PATH, /usr/local/cuda*, /usr/lib/nvidia-cuda-toolkit or on the PATH");
    }

    /// <summary>Assembles a module.</summary>
    /// <exception cref="InvalidOperationException">The assembler refuses it.</exception>
    public MachineCode Assemble(string ptx, string architecture)
    {
        using var folder = new TemporaryFolder();
        var (source, cubin) = (Path.Combine(folder.Path, "kernel.ptx"), Path.Combine(folder.Path, "kernel.cubin"));
        File.WriteAllText(source, ptx);
        var (exitCode, output) = Run(_ptxas, "-v", "-O3", "--gpu-name", architecture, "-o", cubin, source);
        if (exitCode != 0) throw new InvalidOperationException($"ptxas refuses the kernel for {architecture}: {output}");
        var sass = _nvdisasm is not null ? Run(_nvdisasm, "-c", cubin).Output : _cuobjdump is not null ? Run(_cuobjdump, "-sass", cubin).Output : null;
        return MachineCode.Of(output, sass);
    }

    private static IEnumerable<string> Folders()
    {
        foreach (var name in (string[])["CUDA_HOME", "CUDA_PATH"])
        {
            if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } root) yield return Path.Combine(root, "bin");
        }

        const string local = "/usr/local";
        if (Directory.Exists(local))
        {
            foreach (var root in Directory.GetDirectories(local, "cuda*").Order(StringComparer.Ordinal)) yield return Path.Combine(root, "bin");
        }

        yield return "/usr/lib/nvidia-cuda-toolkit/bin";
        foreach (var folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
            yield return folder;
    }

    private static string? Tool(string folder, string name) =>
        new[] { name, name + ".exe" }.Select(file => Path.Combine(folder, file)).FirstOrDefault(File.Exists);

    private static (int ExitCode, string Output) Run(string tool, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(tool, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, string.Create(CultureInfo.InvariantCulture, $"{output}{errors.GetAwaiter().GetResult()}"));
    }

    [GeneratedRegex(@"release (\d+\.\d+)")]
    private static partial Regex Number();

    [GeneratedRegex(@"'(sm_\d+)'")]
    private static partial Regex Architecture();
}
