#pragma once
// The part of Apple's Foundation that the Metal engine uses, declared as its reference says: for a check of types alone.

using NSUInteger = unsigned long;
using BOOL = signed char;
#define nil nullptr
#define NO ((BOOL)0)
#define YES ((BOOL)1)

__attribute__((objc_root_class))
@interface NSObject
+ (instancetype)alloc;
- (instancetype)init;
@end

@interface NSString : NSObject
@property(readonly) const char* UTF8String;
+ (instancetype)stringWithUTF8String:(const char*)text;
@end

@interface NSError : NSObject
@property(readonly, copy) NSString* localizedDescription;
@end
