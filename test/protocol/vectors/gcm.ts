/**
 * AES-GCM as its authors published it: D. McGrew and J. Viega, "The Galois/Counter Mode of Operation (GCM)", appendix B, test
 * cases 1 to 4 (128 bits) and 13 to 16 (256 bits). Bytes in hex.
 */
const ZERO = '00'.repeat(16)
const TEXT =
  'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255'
const AAD = 'feedfacedeadbeeffeedfacedeadbeefabaddad2'
const KEY = 'feffe9928665731c6d6a8f9467308308'
const NONCE = 'cafebabefacedbaddecaf888'
const CIPHERTEXT_128 =
  '42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091473f5985'
const CIPHERTEXT_256 =
  '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad'

export const GCM_VECTORS = [
  { key: ZERO, nonce: ZERO.slice(8), aad: '', plaintext: '', ciphertext: '', tag: '58e2fccefa7e3061367f1d57a4e7455a' },
  {
    key: ZERO,
    nonce: ZERO.slice(8),
    aad: '',
    plaintext: ZERO,
    ciphertext: '0388dace60b6a392f328c2b971b2fe78',
    tag: 'ab6e47d42cec13bdf53a67b21257bddf',
  },
  {
    key: KEY,
    nonce: NONCE,
    aad: '',
    plaintext: TEXT,
    ciphertext: CIPHERTEXT_128,
    tag: '4d5c2af327cd64a62cf35abd2ba6fab4',
  },
  {
    key: KEY,
    nonce: NONCE,
    aad: AAD,
    plaintext: TEXT.slice(0, 120),
    ciphertext: CIPHERTEXT_128.slice(0, 120),
    tag: '5bc94fbc3221a5db94fae95ae7121a47',
  },
  {
    key: ZERO + ZERO,
    nonce: ZERO.slice(8),
    aad: '',
    plaintext: '',
    ciphertext: '',
    tag: '530f8afbc74536b9a963b4f1c4cb738b',
  },
  {
    key: ZERO + ZERO,
    nonce: ZERO.slice(8),
    aad: '',
    plaintext: ZERO,
    ciphertext: 'cea7403d4d606b6e074ec5d3baf39d18',
    tag: 'd0d1c8a799996bf0265b98b5d48ab919',
  },
  {
    key: KEY + KEY,
    nonce: NONCE,
    aad: '',
    plaintext: TEXT,
    ciphertext: CIPHERTEXT_256,
    tag: 'b094dac5d93471bdec1a502270e3cc6c',
  },
  {
    key: KEY + KEY,
    nonce: NONCE,
    aad: AAD,
    plaintext: TEXT.slice(0, 120),
    ciphertext: CIPHERTEXT_256.slice(0, 120),
    tag: '76fc6ece0f4e1768cddf8853bb2d551b',
  },
]
