namespace Dray.Inference.Vision;

/// <summary>The fields of a TIFF directory that say how much there is to decode (TIFF 6.0; depths are SGI's).</summary>
internal enum TiffTag : ushort
{
    NewSubfileType = 254,
    ImageWidth = 256,
    ImageLength = 257,
    BitsPerSample = 258,
    Compression = 259,
    Photometric = 262,
    StripOffsets = 273,
    Orientation = 274,
    SamplesPerPixel = 277,
    RowsPerStrip = 278,
    StripByteCounts = 279,
    PlanarConfiguration = 284,
    TileWidth = 322,
    TileLength = 323,
    TileOffsets = 324,
    TileByteCounts = 325,
    ExtraSamples = 338,
    YCbCrSubsampling = 530,
    ImageDepth = 32997,
    TileDepth = 32998,
}
